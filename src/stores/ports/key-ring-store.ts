import { definePort } from '../../core/ports.ts'

/** A key of the key ring as it is stored: wrapped by a master key that is not. Times are epoch milliseconds. */
export interface StoredRingKey {
  readonly id: string
  /** `active`: encrypts, and there is one. `retired`: decrypts. `index`: for blind indexes, and there is one. */
  readonly role: 'active' | 'retired' | 'index'
  /** Names the master key that wrapped it. */
  readonly masterId: string
  readonly wrapped: string
  readonly createdAt: number
  readonly retiredAt: number | null
}

export type NewRingKey = Pick<StoredRingKey, 'id' | 'masterId' | 'wrapped'>

/** The key ring that all instances share. Everything rejects with a `StoreError` when the store cannot. */
export interface KeyRingStore {
  /** Oldest first; a ring has some dozens of keys at most. */
  list(): Promise<StoredRingKey[]>
  /** Makes the ring, whole or not at all; false where there is one already, which stays as it is. */
  create(keys: { readonly active: NewRingKey; readonly index: NewRingKey }, now: number): Promise<boolean>
  /** Retires the active key and makes another one active, both or neither; false where there is no ring. */
  rotate(key: NewRingKey, now: number): Promise<boolean>
  /** Stores a key wrapped anew, unless somebody else was quicker: false then. */
  rewrap(id: string, before: string, after: Omit<NewRingKey, 'id'>, now: number): Promise<boolean>
}

export const keyRingStorePort = definePort<KeyRingStore>('key-ring-store')

/** The same for a thread that serves requests. */
export type KeyRingLookup = Pick<KeyRingStore, 'list'>

export const keyRingLookupPort = definePort<KeyRingLookup>('key-ring-lookup')
