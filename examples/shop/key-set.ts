import { createPublicKey, type KeyObject, verify, type webcrypto } from 'node:crypto'

type JsonWebKey = webcrypto.JsonWebKey & { kid?: string }

export interface SignedToken {
  alg: unknown
  kid: unknown
  signed: Buffer
  signature: Buffer
}

export interface KeySet {
  verify(token: SignedToken): Promise<boolean>
}

const FETCH_TIMEOUT_MS = 2000
/** How long an unknown key id waits for the next look, so that made-up ids cannot cause a fetch each. */
const RETRY_AFTER_MS = 5000
/** A key that was withdrawn from the set is believed at most this long. */
const MAX_AGE_MS = 600_000

/** The public keys at a JWKS address, fetched when first needed and again when an unknown key id turns up. */
export function createKeySet(url: string): KeySet {
  let keys: JsonWebKey[] = []
  let fetchedAt = Number.NEGATIVE_INFINITY
  let triedAt = Number.NEGATIVE_INFINITY
  let fetching: Promise<void> | undefined

  async function refresh(): Promise<void> {
    triedAt = Date.now()
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) })
    if (!response.ok) throw new Error(`The key set at ${url} answered ${response.status}.`)
    const body = (await response.json()) as { keys?: JsonWebKey[] }
    keys = body.keys ?? []
    fetchedAt = Date.now()
  }

  async function find(kid: string): Promise<JsonWebKey | undefined> {
    const search = () =>
      Date.now() - fetchedAt < MAX_AGE_MS ? keys.find((candidate) => candidate.kid === kid) : undefined
    const known = search()
    if (known !== undefined || (fetching === undefined && Date.now() - triedAt < RETRY_AFTER_MS)) return known
    fetching ??= refresh().finally(() => {
      fetching = undefined
    })
    await fetching
    return search()
  }

  return {
    async verify({ alg, kid, signed, signature }) {
      if (typeof kid !== 'string') return false
      const jwk = await find(kid)
      if (jwk === undefined) return false
      // RFC 8725, 3.1: the key decides the algorithm; the token's header may only agree with it.
      if (alg !== algorithmOf(jwk)) return false
      const key = createPublicKey({ key: jwk, format: 'jwk' })
      return checkSignature(key, signed, signature)
    },
  }
}

function algorithmOf(jwk: JsonWebKey): string | undefined {
  if (jwk.kty === 'RSA') return 'RS256'
  if (jwk.kty === 'EC' && jwk.crv === 'P-256') return 'ES256'
  if (jwk.kty === 'OKP' && jwk.crv === 'Ed25519') return 'EdDSA'
  return undefined
}

function checkSignature(key: KeyObject, signed: Buffer, signature: Buffer): boolean {
  if (key.asymmetricKeyType === 'ed25519') return verify(null, signed, key, signature)
  // JWS carries ECDSA signatures as r||s (RFC 7518, 3.4), not as DER.
  return verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature)
}
