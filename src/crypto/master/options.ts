import { z } from 'zod'
import { secretReference } from '../../core/option-types.ts'

const reason = z.string().trim().min(1).max(500)
const httpsUrl = z.url({ protocol: /^https?$/, error: 'must be a URL such as https://vault.internal:8200' })

const network = {
  allowPrivateAddress: reason.optional().describe('Why it may be on a loopback or private address.'),
  allowPlainHttp: reason.optional().describe('Why it may be spoken to in the clear, for tests on one machine.'),
}

const awsKms = z
  .strictObject({
    keyId: z
      .string()
      .min(1)
      .max(2048)
      .regex(/^(?!alias\/|arn:[^ ]*:alias\/)[^\s]+$/, {
        error: 'must be the id or the ARN of a key: an alias may say another key one day',
      })
      .describe('The id or ARN of a symmetric key.'),
    region: z
      .string()
      .regex(/^[a-z0-9-]{4,32}$/, { error: 'must be a region such as eu-central-1' })
      .describe('Its region.'),
    accessKeyId: secretReference().describe('Who may use it: kms:GenerateDataKey, kms:Encrypt and kms:Decrypt.'),
    secretAccessKey: secretReference().describe('The secret that belongs to it.'),
    sessionToken: secretReference().optional().describe('The token of temporary credentials.'),
    endpoint: httpsUrl.optional().describe("Another endpoint than the region's, such as that of a VPC."),
    ...network,
  })
  .describe('A key of AWS KMS.')

const vault = z
  .strictObject({
    address: httpsUrl.describe('Such as https://vault.internal:8200.'),
    mount: z
      .string()
      .regex(/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/, { error: 'must be the path of a mount such as transit' })
      .default('transit')
      .describe('Where the transit engine is mounted.'),
    key: z.string().min(1).max(200).describe('The name of the key there.'),
    token: secretReference().describe('A token that may encrypt, decrypt and rewrap with it.'),
    namespace: z.string().min(1).max(200).optional().describe('A namespace of Vault Enterprise.'),
    ...network,
  })
  .describe("A key of HashiCorp Vault's or OpenBao's transit engine.")

const master = z
  .strictObject({
    key: secretReference().optional().describe('32 random bytes in Base64 or hex (`openssl rand -base64 32`).'),
    awsKms: awsKms.optional(),
    vault: vault.optional(),
  })
  .superRefine((given, context) => {
    if (Object.values(given).filter((value) => value !== undefined).length === 1) return
    context.addIssue({ code: 'custom', message: 'name one of key, awsKms and vault' })
  })

/** The block `secrets`. */
export const secretsOptions = z.strictObject({
  master: master.describe('What wraps the keys of the key ring. It is kept outside of the store.'),
  previous: z
    .array(master)
    .max(8)
    .default([])
    .describe('Master keys of before, until `portcullis secrets reencrypt` has wrapped everything anew.'),
})

export type SecretsOptions = z.output<typeof secretsOptions>
export type MasterOptions = z.output<typeof master>
