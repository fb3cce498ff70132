import { sign } from 'node:crypto'
import { BoundedCache } from '../../core/bounded-cache.ts'
import type { Principal } from '../../core/principal.ts'
import { type IdentityContext, toContentKey, toIdentityClaims } from './identity-claims.ts'
import type { SigningKey } from './signing-keys.ts'

interface SignedToken {
  readonly text: string
  /** Epoch milliseconds. Before it, the clock was set back and the token would seem to come from the future. */
  readonly from: number
  readonly until: number
}

const maxEntries = 20_000
const maxKeyLength = 16 * 1024 * 1024

/**
 * Signs what the upstream is told, once per principal and half a lifetime. A frozen principal is found by itself; any
 * other by its content, so that roles which changed are never told by an old token.
 */
export class IdentityTokens {
  readonly #key: SigningKey
  readonly #context: IdentityContext
  readonly #header: string
  readonly #byContent = new BoundedCache<SignedToken>({ maxEntries, maxKeyLength })
  readonly #byPrincipal = new WeakMap<Principal, SignedToken>()
  signed = 0

  constructor(key: SigningKey, context: IdentityContext) {
    this.#key = key
    this.#context = context
    this.#header = encode({ alg: key.algorithm, kid: key.id, typ: 'JWT' })
  }

  get size(): number {
    return this.#byContent.size
  }

  tokenFor(principal: Principal, now: number): string {
    const known = this.#byPrincipal.get(principal)
    if (known !== undefined && isFresh(known, now)) return known.text
    const token = this.#tokenByContent(principal, now)
    if (isDeeplyFrozen(principal)) this.#byPrincipal.set(principal, token)
    return token.text
  }

  #tokenByContent(principal: Principal, now: number): SignedToken {
    const content = toContentKey(principal)
    const known = this.#byContent.get(content)
    if (known !== undefined && isFresh(known, now)) return known
    const token = { text: this.#sign(principal, now), from: now, until: now + this.#context.lifetimeMs / 2 }
    this.#byContent.set(content, token)
    return token
  }

  #sign(principal: Principal, now: number): string {
    this.signed++
    const input = `${this.#header}.${encode(toIdentityClaims(principal, this.#context, now))}`
    const key = { key: this.#key.privateKey, dsaEncoding: 'ieee-p1363' } as const
    const signature = sign(this.#key.algorithm === 'ES256' ? 'sha256' : null, Buffer.from(input), key)
    return `${input}.${signature.toString('base64url')}`
  }
}

function isFresh(token: SignedToken, now: number): boolean {
  return now >= token.from && now < token.until
}

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen)
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
