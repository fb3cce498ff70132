import type { MintedCredential, MintRequest, PolicyDeps } from '../../core/policy.ts'
import { createKeySigner, createSecretSigner, parsePrivateKey, type Signer } from './algorithms.ts'
import type { HttpSignatureOptions, SignatureKeyOptions } from './options.ts'
import { signRequest } from './sign-request.ts'
import { toSecretBytes } from './signature-keys.ts'

/**
 * Signs as one of the callers: by a shared secret, which the policy file names, or by a private key that whoever proves
 * has given. The caller whose rights are asked for comes first.
 */
export async function mint(
  options: HttpSignatureOptions,
  request: MintRequest,
  { secret, now, log }: PolicyDeps,
): Promise<MintedCredential | null> {
  const fitting = options.keys.filter((key) => suits(key, request))
  for (const key of request.stranger === true ? fitting : [...fitting, ...options.keys]) {
    const sign = await openSigner(key, request, secret)
    if (sign === null) continue
    const { keyId, id } = key
    log.info('http_signature_minted', { key: keyId, principal: id })
    return {
      headers: [],
      sign: (toSend) => signRequest(toSend, options, keyId, sign, now()),
      revoke: async () => {},
    }
  }
  return null
}

function suits(key: SignatureKeyOptions, { roles, scopes, tenant, stranger }: MintRequest): boolean {
  if (tenant !== undefined && key.tenant !== tenant) return false
  const holds = (own: readonly string[], asked: readonly string[]) => asked.every((one) => own.includes(one))
  if (!holds(key.roles, roles) || !holds(key.scopes, scopes)) return false
  return stranger !== true || (holds(roles, key.roles) && holds(scopes, key.scopes))
}

async function openSigner(
  key: SignatureKeyOptions,
  { key: given }: MintRequest,
  secret: PolicyDeps['secret'],
): Promise<Signer | null> {
  if (key.algorithm !== 'hmac-sha256') {
    const text = given(key.keyId)
    return text === null ? null : createKeySigner(key.algorithm, parsePrivateKey(text, key.keyId))
  }
  // Not every place that proves holds every secret.
  const text = await secret(key.secret ?? '').catch(() => null)
  return text === null ? null : createSecretSigner(toSecretBytes(text, key))
}
