import { definePort } from '../../core/ports.ts'

/** An API key as it is stored. Times are epoch milliseconds; null means never. */
export interface KeyRecord {
  /** The public id that stands inside the key. */
  readonly id: string
  readonly owner: string
  readonly name: string | null
  readonly tenant: string | null
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  /** Networks it may be used from; empty: from everywhere. */
  readonly cidrs: readonly string[]
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly revokedAt: number | null
  /** To the minute; null while it was never used. */
  readonly lastUsedAt: number | null
  /** Newest first: the present one, then those that still live because of a rotation. */
  readonly secrets: readonly KeySecret[]
  /** Such as `live` or `test`, which routes may ask for. */
  readonly environment: string | null
  /** What else is known of the key, for policies to judge by: JSON, see `maxMetadataBytes`. */
  readonly metadata: KeyMetadata
  /** Since when it is switched off; unlike a revocation, this can be undone. */
  readonly disabledAt: number | null
  /** How many requests it may still make; null: any number. */
  readonly usesLeft: number | null
  /** How fast it may be used, on all routes together. */
  readonly rateLimit: KeyLimit | null
  /** How much it may be used over a long time. */
  readonly quota: KeyLimit | null
}

export type KeyMetadata = Readonly<Record<string, unknown>>

/** The most that the metadata of a key may be long, as JSON in UTF-8. */
export const maxMetadataBytes = 4096

/** So many requests per window. */
export interface KeyLimit {
  readonly limit: number
  readonly windowMs: number
}

export interface KeySecret {
  /** SHA-256 of the whole key, in hex. The key itself is stored nowhere. */
  readonly digest: string
  readonly createdAt: number
  /** When this secret dies before its key does; null while it is the present one. */
  readonly expiresAt: number | null
}

type KeyLimits = Pick<KeyRecord, 'environment' | 'metadata' | 'usesLeft' | 'rateLimit' | 'quota'>
type Given = Pick<KeyRecord, 'owner' | 'name' | 'tenant' | 'roles' | 'scopes' | 'cidrs' | 'expiresAt'>

/** What is left out of its limits does not limit. */
export type NewKey = Pick<KeyRecord, 'id' | 'createdAt'> & Given & Partial<KeyLimits> & { readonly digest: string }

/** What is not named stays as it is. */
export type KeyChanges = Partial<Given & KeyLimits>

/** What became of a change: `ended` keys are revoked or expired, and stay so. */
export type UpdateResult =
  | { readonly kind: 'updated'; readonly key: KeyRecord }
  | { readonly kind: 'unknown' | 'ended' }

/** `already`: nothing had to be changed. */
export type SwitchResult = 'switched' | 'already' | 'unknown' | 'revoked'

/** What became of a batch: all of it is there now, or none of it was added. */
export type ImportResult =
  | { readonly kind: 'imported'; readonly added: number; readonly present: number }
  | { readonly kind: 'conflict'; readonly conflicts: readonly ImportConflict[] }

/** A key whose id belongs to another secret, or whose secret belongs to another key. */
export interface ImportConflict {
  /** Its place in the batch. */
  readonly index: number
  readonly taken: 'id' | 'digest'
}

/** Requests that a key with a number of uses makes. */
export interface Spending {
  readonly id: string
  readonly count: number
}

export interface Rotation {
  readonly id: string
  /** Of the new secret. */
  readonly digest: string
  readonly now: number
  /** When the secrets of before die, unless they do so earlier already. */
  readonly overlapUntil: number
  /** A new end of the key; without it, the key ends when it would have. */
  readonly expiresAt?: number | null
}

/** What became of a rotation: `ended` keys are revoked or expired, `crowded` ones have too many living secrets. */
export type RotationResult =
  | { readonly kind: 'rotated'; readonly key: KeyRecord }
  | { readonly kind: 'unknown' | 'ended' | 'crowded' }

export interface KeyPage {
  readonly owner?: string
  /** Only keys with an end in this span, which are not revoked. */
  readonly ends?: { readonly after: number; readonly before: number }
  /** The last id of the page before. */
  readonly after?: string
  readonly limit: number
}

/** A use of a key, for `lastUsedAt`. */
export interface KeyUse {
  readonly id: string
  readonly at: number
}

/** The API keys, for those who administer them. Everything rejects with a `StoreError` when the store cannot. */
export interface KeyStore {
  find(id: string): Promise<KeyRecord | null>
  /** In the order of ids. */
  list(page: KeyPage): Promise<KeyRecord[]>
  create(key: NewKey): Promise<void>
  /** Adds many keys at once; those that are there already, with the same id and secret, are passed over. */
  import(keys: readonly NewKey[]): Promise<ImportResult>
  /** Changes what is known of a key, everywhere within a second. */
  update(id: string, changes: KeyChanges, now: number): Promise<UpdateResult>
  /** Switches a key off or on again, everywhere within a second. */
  setDisabled(id: string, disabled: boolean, now: number): Promise<SwitchResult>
  /**
   * Takes uses off the keys, never more than are left, in one transaction. Answers how many were granted to each; a
   * key without a number of uses grants all, one that is not there none.
   */
  spend(spendings: readonly Spending[]): Promise<number[]>
  /** Gives the key a new secret beside the old ones, which live until the end of the overlap. */
  rotate(rotation: Rotation): Promise<RotationResult>
  /** Ends the key at once, everywhere. A key that was revoked before keeps its first date. */
  revoke(id: string, now: number): Promise<'revoked' | 'already' | 'unknown'>
  /** Removes the key and every trace of it in the store: for keys made by a program for a moment. */
  remove(id: string, now: number): Promise<boolean>
  /** Removes the keys of one owner that ended before a time; answers how many. */
  removeEnded(owner: string, before: number): Promise<number>
  /** Moves `lastUsedAt` forward, never back. Ids that are not there are passed over. */
  recordUses(uses: readonly KeyUse[]): Promise<void>
}

export const keyStorePort = definePort<KeyStore>('key-store')

/** What a request needs of the keys. Synchronous where the store is; throws or rejects with a `StoreError`. */
export interface KeyLookup {
  find(id: string): KeyRecord | null | Promise<KeyRecord | null>
  /** The key that has a secret of this digest: for keys in which no id stands. */
  findByDigest(digest: string): KeyRecord | null | Promise<KeyRecord | null>
}

export const keyLookupPort = definePort<KeyLookup>('key-lookup')

/** Takes uses to whoever writes them; never blocks and never throws. */
export interface KeyUseRecorder {
  record(uses: readonly KeyUse[]): void
}

export const keyUseRecorderPort = definePort<KeyUseRecorder>('key-use-recorder')
