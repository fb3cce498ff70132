import { calculateJwkThumbprint, type JWK } from 'jose'
import { type Identified, identified } from '../../core/decision.ts'
import type { PolicyDeps } from '../../core/policy.ts'
import { type Algorithm, createKeyVerifier, createSecretVerifier, parsePublicKey, type Verifier } from './algorithms.ts'
import type { SignatureKeyOptions } from './options.ts'

/** A key, ready to verify, with the caller that it stands for. */
export interface SignatureKey {
  readonly algorithm: Algorithm
  readonly isSignature: Verifier
  readonly caller: Identified
}

/** Reads all keys; rejects with an error that names the one that cannot be used. */
export async function openKeys(
  keys: readonly SignatureKeyOptions[],
  deps: Pick<PolicyDeps, 'secret'>,
): Promise<ReadonlyMap<string, SignatureKey>> {
  const opened = await Promise.all(
    keys.map(async (key): Promise<[string, SignatureKey]> => {
      try {
        return [key.keyId, await openKey(key, deps)]
      } catch (error) {
        throw new Error(`the key "${key.keyId}": ${(error as Error).message}`)
      }
    }),
  )
  return new Map(opened)
}

async function openKey(key: SignatureKeyOptions, { secret }: Pick<PolicyDeps, 'secret'>): Promise<SignatureKey> {
  const { algorithm } = key
  if (algorithm === 'hmac-sha256') {
    const text = await secret(key.secret ?? '')
    return { algorithm, isSignature: createSecretVerifier(toSecretBytes(text, key)), caller: toCaller(key, null) }
  }
  const publicKey = parsePublicKey(await secret(key.publicKey ?? ''))
  const isSignature = createKeyVerifier(algorithm, publicKey)
  const thumbprint =
    publicKey.asymmetricKeyType === 'rsa-pss'
      ? null
      : await calculateJwkThumbprint(publicKey.export({ format: 'jwk' }) as JWK)
  return { algorithm, isSignature, caller: toCaller(key, thumbprint) }
}

export function toSecretBytes(text: string, { secretEncoding }: SignatureKeyOptions): Buffer {
  return Buffer.from(text, secretEncoding === 'text' ? 'utf8' : secretEncoding)
}

function toCaller({ id, tenant, roles, scopes, keyId }: SignatureKeyOptions, thumbprint: string | null): Identified {
  return identified({
    id,
    kind: 'service',
    issuer: 'portcullis',
    tenant,
    roles,
    scopes,
    attributes: {},
    credential: { policy: 'http-signature', id: keyId },
    assurance: null,
    confirmation: null,
    proofOfPossession: thumbprint,
    expiresAt: null,
  })
}
