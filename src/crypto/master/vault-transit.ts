import { randomBytes } from 'node:crypto'
import { encodeContext } from '../ring/context.ts'
import { type KmsHttp, postJson, requireText } from './kms-http.ts'
import { type MasterKey, MasterKeyError } from './master-key.ts'

export interface VaultTransitOptions {
  /** Such as `https://vault.internal:8200`. */
  readonly address: string
  /** Where the transit engine is mounted. */
  readonly mount: string
  /** The name of the key there. */
  readonly key: string
  readonly token: string
  readonly namespace?: string | undefined
  readonly http: KmsHttp
}

/** A key of HashiCorp Vault's (or OpenBao's) transit engine, which never leaves it. */
export function createVaultTransit(options: VaultTransitOptions): MasterKey {
  const { address, mount, key, token, namespace, http } = options
  const base = `${address.replace(/\/+$/, '')}/v1/${mount}`
  const who = 'Vault'
  const headers: [string, string][] = [
    ['content-type', 'application/json'],
    ['x-vault-token', token],
    // Vault refuses what comes without it where it is told to, against requests that were forged through somebody else.
    ['x-vault-request', 'true'],
    ...(namespace === undefined ? [] : [['x-vault-namespace', namespace] as [string, string]]),
  ]

  async function call(action: 'encrypt' | 'decrypt' | 'rewrap', input: object, result: string): Promise<string> {
    const url = `${base}/${action}/${encodeURIComponent(key)}`
    const { data } = await postJson(http, `${who} (${action})`, url, headers, JSON.stringify(input))
    return requireText(who, (data ?? {}) as Record<string, unknown>, result)
  }

  const wrap = (secret: Uint8Array, ringKeyId: string) => {
    // The id stands inside: `rewrap` knows no associated data.
    const plaintext = Buffer.concat([toLabel(ringKeyId), secret]).toString('base64')
    return call('encrypt', { plaintext }, 'ciphertext')
  }

  return {
    id: `vault:${mount}/${key}`,
    wrap,
    async generate(ringKeyId) {
      const secret = randomBytes(32)
      return { secret, wrapped: await wrap(secret, ringKeyId) }
    },
    async unwrap(wrapped, ringKeyId) {
      const plain = Buffer.from(await call('decrypt', { ciphertext: wrapped }, 'plaintext'), 'base64')
      const label = toLabel(ringKeyId)
      if (plain.length === label.length + 32 && plain.subarray(0, label.length).equals(label)) {
        return plain.subarray(label.length)
      }
      throw new MasterKeyError(`what ${who} decrypted is not the key ${ringKeyId}: it was changed in the store`)
    },
    rewrap: (wrapped) => call('rewrap', { ciphertext: wrapped }, 'ciphertext'),
  }
}

function toLabel(ringKeyId: string): Buffer {
  return encodeContext(['portcullis ring key', ringKeyId])
}
