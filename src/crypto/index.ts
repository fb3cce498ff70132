export { hashPassword, verifyNothing, verifyPassword } from './passwords/default-hasher.ts'
export type { Argon2Parameters, BcryptParameters, HashParameters, Pbkdf2Parameters } from './passwords/parameters.ts'
export { PasswordError, type PasswordErrorCode } from './passwords/password-error.ts'
export {
  createPasswordHasher,
  type OwnPasswordHasher,
  type PasswordCallOptions,
  type PasswordHasher,
  type PasswordHasherOptions,
  type Verified,
} from './passwords/password-hasher.ts'
export type { Pepper } from './passwords/pepper.ts'
export type { EncryptionContext } from './ring/context.ts'
export { DecryptionError, type DecryptionErrorCode } from './ring/decryption-error.ts'
export { blindIndex, decryptField, encryptField } from './ring/fields.ts'
export { createKeyRing, type KeyRing, type RingKey } from './ring/key-ring.ts'
