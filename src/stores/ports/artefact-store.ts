import { definePort } from '../../core/ports.ts'
import type { Revocation } from './revocation-store.ts'

/**
 * Something that the identity server keeps for a while: a code, a token, a grant, a session, a login that goes on. What
 * it is found by are digests, what it says is sealed: nothing of it is of use to who reads the store. Times are epoch
 * milliseconds.
 */
export interface Artefact {
  /** What it is, such as `AuthorizationCode`. */
  readonly kind: string
  /** Of its id. */
  readonly digest: string
  readonly payload: string
  /** Digests of what it belongs to, and of what else it is found by; null where there is none. */
  readonly grant: string | null
  readonly uid: string | null
  readonly userCode: string | null
  /** Null: it does not end by itself. */
  readonly expiresAt: number | null
  /** When it was used, of what can be used once. */
  readonly consumedAt: number | null
}

export interface NewArtefact extends Omit<Artefact, 'consumedAt'> {
  /** The digest of the account that it belongs to, with whose password it ends. */
  readonly account?: string | null
}

/** How a grant ends: with everything that was issued under it. */
export interface GrantEnd {
  /** A digest. */
  readonly grant: string
  /** The grant itself as well, so that what is issued under it at this moment is worth nothing either. */
  readonly wholly: boolean
  /** For tokens that are kept nowhere; null where there are none. */
  readonly revocation: Revocation | null
}

/** The artefacts, for who issues and redeems them. Everything rejects with a `StoreError` when the store cannot. */
export interface ArtefactStore {
  /** Stores it, or what has become of it; what was used stays used. */
  put(artefact: NewArtefact): Promise<void>
  /** Stores what must not be there yet: false where it is, and has not ended. */
  add(artefact: NewArtefact, now: number): Promise<boolean>
  /**
   * Stores what has become of it, where it is still what it was: false where it is not there any more, or was replaced
   * meanwhile.
   * @param from its payload until now
   */
  replace(artefact: NewArtefact, from: string): Promise<boolean>
  /** Uses it up. Of any number of callers, on any number of machines, one is answered `consumed`. */
  consume(kind: string, digest: string, now: number): Promise<'consumed' | 'already' | 'unknown'>
  remove(kind: string, digest: string): Promise<void>
  /** Removes everything that belongs to a grant; answers how much. */
  endGrant(end: GrantEnd): Promise<number>
  /** Forgets what ended before a time, at most `limit` of it; answers how much. */
  removeEnded(before: number, limit: number): Promise<number>
}

export const artefactStorePort = definePort<ArtefactStore>('artefact-store')

type Found = Artefact | null

/** What a request needs of them, ended ones included. Synchronous where the store is; throws or rejects with a `StoreError`. */
export interface ArtefactLookup {
  find(kind: string, digest: string): Found | Promise<Found>
  findByUid(kind: string, uid: string): Found | Promise<Found>
  findByUserCode(kind: string, userCode: string): Found | Promise<Found>
  /** What is kept of one kind for an account, by the digest of its id; so much at most. */
  listOf(kind: string, account: string): readonly Artefact[] | Promise<readonly Artefact[]>
}

export const artefactLookupPort = definePort<ArtefactLookup>('artefact-lookup')
