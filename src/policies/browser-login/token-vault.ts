import { identified } from '../../core/decision.ts'
import { type Followed, FollowedCache } from '../../core/followed-cache.ts'
import { digestSecret } from '../../crypto/digest.ts'
import type { LiveKeyRing } from '../../crypto/ring/live-key-ring.ts'
import type { Artefact, ArtefactLookup, ArtefactStore } from '../../stores/ports/artefact-store.ts'
import { neverChecked } from '../revocation-check.ts'
import { sealTokens, tokensKind, toTokensDigest, unsealTokens } from './sealed-tokens.ts'
import type { KnownTokens, Tokens } from './tokens.ts'

export interface TokenVaultDeps {
  readonly store: ArtefactStore
  readonly lookup: ArtefactLookup
  readonly ring: LiveKeyRing
  readonly epoch: Followed
  readonly now: () => number
}

const kinds = { lease: 'BrowserRefresh', state: 'BrowserState', ended: 'BrowserEnded' } as const
/** How long tokens are believed without asking the store: what ends a grant takes them away there. */
const believedMs = 1000
/** How long one refresh may take; who died in it is waited for no longer. */
const leaseMs = 15_000
/** Longer than it takes from the issuer's answer until tokens are kept. */
const endedMs = 300_000
const maxTokens = 5000

/** Keeps the tokens of sessions, sealed, by the ids of their sessions. */
export class TokenVault {
  readonly #deps: TokenVaultDeps
  readonly #cache: FollowedCache<KnownTokens>

  constructor(deps: TokenVaultDeps) {
    const { lookup, epoch, now } = deps
    this.#deps = deps
    this.#cache = new FollowedCache({
      load: async (session) => this.#open(session, await lookup.find(tokensKind, toTokensDigest(session))),
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
    const { store, ring } = this.#deps
    await store.put(sealTokens(session, tokens, ring))
    this.#cache.forget(session)
  }

  /** Those that take the place of others; false where they were taken away, or replaced, meanwhile: nothing comes back. */
  async replace(session: string, { sealed }: KnownTokens, next: Tokens): Promise<boolean> {
    const { store, ring } = this.#deps
    const replaced = await store.replace(sealTokens(session, next, ring), sealed)
    this.#cache.forget(session)
    return replaced
  }

  async remove(session: string): Promise<void> {
    await this.#deps.store.remove(tokensKind, toTokensDigest(session))
    this.#cache.forget(session)
  }

  /** Takes away those of a login that its issuer has ended, and marks it for those that are still on their way. */
  async endLogin(name: string): Promise<void> {
    await this.#add(kinds.ended, name, endedMs)
    await this.#deps.store.endGrant({ grant: name, wholly: false, revocation: null })
  }

  /** Whether the issuer has ended the login that these came from; asked once they are kept. */
  async isEnded({ grant }: Tokens): Promise<boolean> {
    return grant !== null && (await this.#deps.lookup.find(kinds.ended, grant)) !== null
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

  async #open(session: string, found: Artefact | null): Promise<KnownTokens | null> {
    if (found === null || (found.expiresAt ?? 0) <= this.#deps.now()) return null
    const tokens = await unsealTokens(found, this.#deps.ring)
    if (tokens === null || (await this.#isGone(tokens))) return null
    return { tokens, identified: toIdentified(session, tokens), sealed: found.payload, ...toRevocable(tokens) }
  }

  /** A token of ours that is no JWT is in the same store until it ends, by itself or with its grant. */
  async #isGone({ keptBeside, accessToken, expiresAt }: Tokens): Promise<boolean> {
    if (!keptBeside || this.#deps.now() >= expiresAt) return false
    return (await this.#deps.lookup.find('AccessToken', digestSecret(accessToken))) === null
  }
}

/** Of when somebody logged in, only what the issuer said: when they came back from there is no proof of it. */
function toIdentified(session: string, { caller, login, endsAt }: Tokens) {
  return identified(
    Object.freeze({
      ...caller,
      roles: Object.freeze([...caller.roles]),
      scopes: Object.freeze([...caller.scopes]),
      attributes: Object.freeze(caller.attributes),
      authenticatedAt: login.authenticatedAt,
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

function toLease(session: string, generation: number): string {
  return digestSecret(`browser-login:${session}:${generation}`)
}
