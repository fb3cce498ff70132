import { identified } from '../../core/decision.ts'
import { type Followed, FollowedCache } from '../../core/followed-cache.ts'
import { digestSecret } from '../../crypto/digest.ts'
import { parseCiphertext } from '../../crypto/ring/ciphertext.ts'
import { DecryptionError } from '../../crypto/ring/decryption-error.ts'
import { decryptField, encryptField } from '../../crypto/ring/fields.ts'
import type { LiveKeyRing } from '../../crypto/ring/live-key-ring.ts'
import type { Artefact, ArtefactLookup, ArtefactStore, NewArtefact } from '../../stores/ports/artefact-store.ts'
import { neverChecked } from '../revocation-check.ts'
import type { KnownTokens, Tokens } from './tokens.ts'

export interface TokenVaultDeps {
  readonly store: ArtefactStore
  readonly lookup: ArtefactLookup
  readonly ring: LiveKeyRing
  readonly epoch: Followed
  readonly now: () => number
}

const kinds = { tokens: 'BrowserTokens', lease: 'BrowserRefresh', state: 'BrowserState' } as const
/** How long tokens are believed without asking the store: what ends a grant takes them away there. */
const believedMs = 1000
/** How long one refresh may take; who died in it is waited for no longer. */
const leaseMs = 15_000
const maxTokens = 5000

/** Keeps the tokens of sessions, sealed, by the ids of their sessions. */
export class TokenVault {
  readonly #deps: TokenVaultDeps
  readonly #cache: FollowedCache<KnownTokens>

  constructor(deps: TokenVaultDeps) {
    const { lookup, epoch, now } = deps
    this.#deps = deps
    this.#cache = new FollowedCache({
      load: async (session) => this.#open(session, await lookup.find(kinds.tokens, toDigest(session))),
      epoch,
      now,
      maxEntries: maxTokens,
    })
  }

  get size(): number {
    return this.#cache.size
  }

  /** Null where there are none, or no longer. Throws or rejects when the store cannot answer. */
  find(session: string): KnownTokens | null | Promise<KnownTokens | null> {
    return this.#cache.find(session, believedMs)
  }

  /** Asks the store, whatever is remembered. */
  load(session: string): KnownTokens | null | Promise<KnownTokens | null> {
    return this.#cache.load(session)
  }

  /** Those of a session that begins. */
  async put(session: string, tokens: Tokens): Promise<void> {
    await this.#deps.store.put(this.#seal(session, tokens))
    this.#cache.forget(session)
  }

  /** Those that take the place of others; false where they were taken away, or replaced, meanwhile: nothing comes back. */
  async replace(session: string, { sealed }: KnownTokens, next: Tokens): Promise<boolean> {
    const replaced = await this.#deps.store.replace(this.#seal(session, next), sealed)
    this.#cache.forget(session)
    return replaced
  }

  async remove(session: string): Promise<void> {
    await this.#deps.store.remove(kinds.tokens, toDigest(session))
    this.#cache.forget(session)
  }

  /** Of any number of threads and machines, one may refresh a generation: refresh tokens that come twice end it all. */
  lease(session: string, generation: number): Promise<boolean> {
    return this.#add(kinds.lease, toLease(session, generation), leaseMs)
  }

  /** Lets others try, where nothing came of it. */
  release(session: string, generation: number): Promise<void> {
    return this.#deps.store.remove(kinds.lease, toLease(session, generation))
  }

  /** Once for each answer of the issuer. */
  useState(state: string, lifetimeMs: number): Promise<boolean> {
    return this.#add(kinds.state, digestSecret(state), lifetimeMs)
  }

  #add(kind: string, digest: string, lifetimeMs: number): Promise<boolean> {
    const at = this.#deps.now()
    const nothing = { payload: '', grant: null, uid: null, userCode: null }
    return this.#deps.store.add({ kind, digest, ...nothing, expiresAt: at + lifetimeMs }, at)
  }

  #seal(session: string, tokens: Tokens): NewArtefact {
    const digest = toDigest(session)
    return {
      kind: kinds.tokens,
      digest,
      payload: encryptField(this.#deps.ring.current(), JSON.stringify(tokens), toContext(digest)),
      grant: tokens.grant,
      uid: null,
      userCode: null,
      expiresAt: tokens.endsAt,
      account: tokens.account,
    }
  }

  async #open(session: string, found: Artefact | null): Promise<KnownTokens | null> {
    if (found === null || (found.expiresAt ?? 0) <= this.#deps.now()) return null
    const tokens = await this.#unseal(found)
    if (tokens === null || (await this.#isGone(tokens))) return null
    return { tokens, identified: toIdentified(session, tokens), sealed: found.payload, ...toRevocable(tokens) }
  }

  /** Null where it was changed or moved; a key that is not known may be, a moment later. */
  async #unseal({ payload, digest }: Artefact): Promise<Tokens | null> {
    const ring = await this.#deps.ring.withKey(parseCiphertext(payload)?.keyId ?? '')
    try {
      return JSON.parse(decryptField(ring, payload, toContext(digest))) as Tokens
    } catch (error) {
      if (error instanceof DecryptionError && error.code !== 'key_unknown') return null
      throw error
    }
  }

  /** A token of ours that is no JWT is in the same store until it ends, by itself or with its grant. */
  async #isGone({ keptBeside, accessToken, expiresAt }: Tokens): Promise<boolean> {
    if (!keptBeside || this.#deps.now() >= expiresAt) return false
    return (await this.#deps.lookup.find('AccessToken', digestSecret(accessToken))) === null
  }
}

function toIdentified(session: string, { caller, endsAt }: Tokens) {
  const { authenticatedAt: _, ...who } = caller
  return identified(
    Object.freeze({
      ...who,
      roles: Object.freeze([...who.roles]),
      scopes: Object.freeze([...who.scopes]),
      attributes: Object.freeze(who.attributes),
      credential: Object.freeze({ policy: 'browser-login', id: session }),
      confirmation: null,
      proofOfPossession: null,
      expiresAt: endsAt,
    }),
  )
}

function toRevocable({ revocable }: Tokens) {
  return { revocable, checkedAt: neverChecked, revoked: null }
}

function toDigest(session: string): string {
  return digestSecret(`browser-login:${session}`)
}

function toLease(session: string, generation: number): string {
  return digestSecret(`browser-login:${session}:${generation}`)
}

function toContext(digest: string): readonly string[] {
  return ['browser-login', 'tokens', digest]
}
