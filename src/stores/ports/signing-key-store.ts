import { definePort } from '../../core/ports.ts'

/** A key that the identity server signs with. Times are epoch milliseconds. */
export interface SigningKeyRecord {
  /** Its `kid`: the thumbprint (RFC 7638). */
  readonly id: string
  /** Whose tokens it signs; absent for those of no tenant. */
  readonly tenant?: string
  /** A JWK, as JSON. */
  readonly publicKey: string
  /** The private one, sealed by the key ring. */
  readonly sealed: string
  readonly createdAt: number
  /** From then on it signs, until the next one does. It is published from the beginning. */
  readonly signsFrom: number
}

/** The signing keys that all instances share. Everything rejects with a `StoreError` when the store cannot. */
export interface SigningKeyStore {
  /** Adds a key where `after` is the newest of its tenant (null: where there is none); false where somebody else was quicker. */
  add(key: SigningKeyRecord, after: string | null): Promise<boolean>
  /** What it signed is believed no longer, everywhere. */
  remove(id: string, now: number): Promise<boolean>
}

export const signingKeyStorePort = definePort<SigningKeyStore>('signing-key-store')

/** The same for who signs and verifies. Synchronous where the store is; throws or rejects with a `StoreError`. */
export interface SigningKeyLookup {
  /** Those of one tenant, or of none, in the order in which they sign. */
  list(tenant?: string): readonly SigningKeyRecord[] | Promise<readonly SigningKeyRecord[]>
}

export const signingKeyLookupPort = definePort<SigningKeyLookup>('signing-key-lookup')
