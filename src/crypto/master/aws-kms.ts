import { type KmsHttp, postJson, requireText } from './kms-http.ts'
import { type MasterKey, MasterKeyError } from './master-key.ts'
import { type AwsCredentials, signAwsRequest } from './sign-aws-request.ts'

export interface AwsKmsOptions {
  /** A key's ARN or id; an alias would say another key one day. */
  readonly keyId: string
  readonly region: string
  readonly credentials: AwsCredentials
  /** Default: the region's public endpoint. */
  readonly endpoint?: string | undefined
  readonly http: KmsHttp
  readonly now: () => number
}

/** A symmetric key of AWS KMS, which never leaves it. */
export function createAwsKms(options: AwsKmsOptions): MasterKey {
  const { keyId, region, credentials, http, now } = options
  const url = options.endpoint ?? `https://kms.${region}.amazonaws.com/`
  const who = 'AWS KMS'

  async function call(action: string, input: object): Promise<Readonly<Record<string, unknown>>> {
    const body = JSON.stringify({ KeyId: keyId, ...input })
    const headers = [
      ['content-type', 'application/x-amz-json-1.1'],
      ['x-amz-target', `TrentService.${action}`],
    ] as const
    const request = { method: 'POST', url, service: 'kms', region, headers, body } as const
    return postJson(http, `${who} (${action})`, url, signAwsRequest(request, credentials, new Date(now())), body)
  }

  // KMS authenticates it, and writes it into CloudTrail.
  const toContext = (ringKeyId: string) => ({ EncryptionContext: { 'portcullis:ring-key': ringKeyId } })

  return {
    id: `aws-kms:${keyId}`,
    async generate(ringKeyId) {
      const answer = await call('GenerateDataKey', { KeySpec: 'AES_256', ...toContext(ringKeyId) })
      return { secret: readKey(who, answer), wrapped: requireText(who, answer, 'CiphertextBlob') }
    },
    async wrap(secret, ringKeyId) {
      const input = { Plaintext: Buffer.from(secret).toString('base64'), ...toContext(ringKeyId) }
      return requireText(who, await call('Encrypt', input), 'CiphertextBlob')
    },
    async unwrap(wrapped, ringKeyId) {
      return readKey(who, await call('Decrypt', { CiphertextBlob: wrapped, ...toContext(ringKeyId) }))
    },
  }
}

function readKey(who: string, answer: Readonly<Record<string, unknown>>): Uint8Array {
  const secret = Buffer.from(requireText(who, answer, 'Plaintext'), 'base64')
  if (secret.length !== 32) throw new MasterKeyError(`${who} answered with a key of ${secret.length} bytes`)
  return secret
}
