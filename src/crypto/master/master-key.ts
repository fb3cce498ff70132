/** A key of the ring as the master key gives it out. */
export interface GeneratedKey {
  readonly secret: Uint8Array
  readonly wrapped: string
}

/**
 * The key that the keys of the ring are wrapped with. It never stands in the store. What wraps binds the ring key's id,
 * so that two wrapped keys cannot be exchanged for each other.
 */
export interface MasterKey {
  /** Tells master keys apart without saying what they are; stored beside what they wrapped. */
  readonly id: string
  generate(keyId: string): Promise<GeneratedKey>
  wrap(secret: Uint8Array, keyId: string): Promise<string>
  /** @throws `MasterKeyError` */
  unwrap(wrapped: string, keyId: string): Promise<Uint8Array>
  /** Brings what was wrapped up to the newest version of the master key, where the service has versions. */
  rewrap?(wrapped: string, keyId: string): Promise<string>
}

/** The message says which master key could not do what, never a key. */
export class MasterKeyError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'MasterKeyError'
  }
}
