import { type CryptoKey, importJWK, type JWK } from 'jose'
import { type Algorithm, isSameAlgorithm, toKeyShape } from './algorithms.ts'
import type { JsonObject } from './unique-json.ts'

/** A public key of an issuer, with the algorithms that it may be used with. */
export interface VerificationKey {
  /** Null for keys without a name: they are tried for every token. */
  readonly id: string | null
  readonly algorithms: readonly Algorithm[]
  /** Equal for equal keys. */
  readonly fingerprint: string
  /** Set once the issuer no longer publishes the key: what it signed is then no longer believed, cached or not. */
  retired: boolean
  /** The key for one algorithm; rejects where the numbers in it are no key. */
  readonly import: (algorithm: Algorithm) => Promise<CryptoKey>
}

/** Why a member of a key set is not used. */
export interface UnusableKey {
  readonly unusable: string
}

const minRsaBits = 2048
/** Larger ones make every verification slow. */
const maxRsaBits = 8192
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

/**
 * Reads one JWK. A key is matched to algorithms by what it is, and by `alg`, `use` and `key_ops` where it says what it
 * is for (RFC 8725 section 3.1): a token never chooses what its key is used for.
 */
export function parseVerificationKey(value: unknown, allowed: readonly Algorithm[]): VerificationKey | UnusableKey {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { unusable: 'not a JSON object' }
  const jwk = value as JsonObject
  const { kty, kid, use, key_ops: operations, alg } = jwk
  if (kid !== undefined && typeof kid !== 'string') return { unusable: '`kid` is no text' }
  if (kty === 'oct') return { unusable: 'it is symmetric' }
  if (privateMembers.some((name) => name in jwk)) return { unusable: 'it is a private key, and now known to others' }
  if (use !== undefined && use !== 'sig') return { unusable: '`use` is not `sig`' }
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) {
    return { unusable: '`key_ops` does not hold `verify`' }
  }
  if (alg !== undefined && typeof alg !== 'string') return { unusable: '`alg` is no text' }
  const fits = allowed.filter(
    (algorithm) => isFitting(jwk, algorithm) && (alg === undefined || isSameAlgorithm(alg, algorithm)),
  )
  if (fits.length === 0) return { unusable: 'no allowed algorithm fits it' }
  const weakness = kty === 'RSA' ? checkRsa(jwk) : null
  if (weakness !== null) return { unusable: weakness }
  return createKey(kid ?? null, fits, toPublicMembers(jwk))
}

function isFitting(jwk: JsonObject, algorithm: Algorithm): boolean {
  const { kty, crv } = toKeyShape(algorithm)
  return jwk.kty === kty && (crv === null || jwk.crv === crv)
}

function checkRsa({ n, e }: JsonObject): string | null {
  if (typeof n !== 'string' || typeof e !== 'string') return 'modulus or exponent is missing'
  const bits = toBigInt(n).toString(2).length
  if (bits < minRsaBits || bits > maxRsaBits)
    return `${bits} bits of RSA are not between ${minRsaBits} and ${maxRsaBits}`
  const exponent = toBigInt(e)
  return exponent < 3n || exponent % 2n === 0n || exponent > 0xffff_ffffn ? 'its exponent is unsafe' : null
}

function toBigInt(base64url: string): bigint {
  return BigInt(`0x0${Buffer.from(base64url, 'base64url').toString('hex')}`)
}

/** Only what makes up the key: everything that could change its use was judged above. */
function toPublicMembers({ kty, n, e, crv, x, y }: JsonObject): JWK {
  const members = kty === 'RSA' ? { kty, n, e } : kty === 'EC' ? { kty, crv, x, y } : { kty, crv, x }
  return members as JWK
}

function createKey(id: string | null, algorithms: readonly Algorithm[], jwk: JWK): VerificationKey {
  const imported = new Map<Algorithm, Promise<CryptoKey>>()
  return {
    id,
    algorithms,
    fingerprint: JSON.stringify([id, algorithms, jwk]),
    retired: false,
    import(algorithm) {
      let key = imported.get(algorithm)
      if (key === undefined) {
        key = importJWK(jwk, algorithm) as Promise<CryptoKey>
        imported.set(algorithm, key)
      }
      return key
    },
  }
}
