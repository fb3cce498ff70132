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
}

export interface KeySecret {
  /** SHA-256 of the whole key, in hex. The key itself is stored nowhere. */
  readonly digest: string
  readonly createdAt: number
  /** When this secret dies before its key does; null while it is the present one. */
  readonly expiresAt: number | null
}

export type NewKey = Omit<KeyRecord, 'revokedAt' | 'lastUsedAt' | 'secrets'> & { readonly digest: string }

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
}

export const keyLookupPort = definePort<KeyLookup>('key-lookup')

/** Takes uses to whoever writes them; never blocks and never throws. */
export interface KeyUseRecorder {
  record(uses: readonly KeyUse[]): void
}

export const keyUseRecorderPort = definePort<KeyUseRecorder>('key-use-recorder')
