import type { Snapshot } from '../config/snapshot.ts'
import { keyTextAdvice, parseKeyText } from '../crypto/key-text.ts'
import { createAwsKms } from '../crypto/master/aws-kms.ts'
import type { KmsHttp } from '../crypto/master/kms-http.ts'
import { createLocalMasterKey } from '../crypto/master/local-master-key.ts'
import { type MasterKey, MasterKeyError } from '../crypto/master/master-key.ts'
import type { MasterOptions, SecretsOptions } from '../crypto/master/options.ts'
import { createVaultTransit } from '../crypto/master/vault-transit.ts'
import type { OutboundClient } from '../outbound/outbound.ts'
import { readSecret } from './secrets.ts'

/** The master keys of a policy file: the present one, then those of before. */
export interface MasterKeys {
  readonly present: MasterKey
  readonly all: readonly MasterKey[]
}

/** Opens them; null where the file has no block `secrets`. Rejects where a reference cannot be read. */
export async function openMasterKeys(
  { blocks, baseFolder }: Pick<Snapshot, 'blocks' | 'baseFolder'>,
  outbound: OutboundClient,
): Promise<MasterKeys | null> {
  const options = blocks.secrets as SecretsOptions | undefined
  return options === undefined ? null : readMasterKeys(options, (one) => readSecret(one, baseFolder), outbound)
}

type Read = (reference: string) => Promise<string>

/** The same from the block itself. */
export async function readMasterKeys(
  options: SecretsOptions,
  read: Read,
  outbound: OutboundClient,
): Promise<MasterKeys> {
  const present = await openMasterKey(options.master, read, outbound)
  const previous = await Promise.all(options.previous.map((each) => openMasterKey(each, read, outbound)))
  return { present, all: [present, ...previous] }
}

async function openMasterKey(
  { key, awsKms, vault }: MasterOptions,
  read: Read,
  outbound: OutboundClient,
): Promise<MasterKey> {
  if (key !== undefined) {
    const bytes = parseKeyText(await read(key))
    if (bytes === null) throw new MasterKeyError(`${key} is not a master key: ${keyTextAdvice}`)
    return createLocalMasterKey(bytes)
  }
  if (awsKms !== undefined) {
    const { keyId, region, endpoint } = awsKms
    const credentials = {
      accessKeyId: await read(awsKms.accessKeyId),
      secretAccessKey: await read(awsKms.secretAccessKey),
      sessionToken: awsKms.sessionToken === undefined ? undefined : await read(awsKms.sessionToken),
    }
    return createAwsKms({ keyId, region, endpoint, credentials, http: toKmsHttp(outbound, awsKms), now: Date.now })
  }
  if (vault === undefined) throw new MasterKeyError('the policy file names no master key')
  const { address, mount, key: name, namespace } = vault
  const token = await read(vault.token)
  return createVaultTransit({ address, mount, key: name, token, namespace, http: toKmsHttp(outbound, vault) })
}

interface Allowances {
  readonly allowPrivateAddress?: string | undefined
  readonly allowPlainHttp?: string | undefined
}

function toKmsHttp(outbound: OutboundClient, { allowPrivateAddress, allowPlainHttp }: Allowances): KmsHttp {
  return {
    post: (url, { headers, body }) =>
      outbound.request(url, {
        method: 'POST',
        headers,
        body,
        allowPrivate: allowPrivateAddress !== undefined,
        allowHttp: allowPlainHttp !== undefined,
        maxBytes: 65_536,
      }),
  }
}
