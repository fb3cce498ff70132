import { toPasswordHash } from '../../../crypto/passwords/foreign-hash.ts'
import { PasswordError } from '../../../crypto/passwords/password-error.ts'
import { randomText } from '../../../crypto/random-text.ts'
import type { ImportedAccount } from '../../../stores/ports/account-store.ts'
import { maxMetadataBytes } from '../../../stores/ports/key-store.ts'
import { toUsername } from '../../../stores/ports/username.ts'
import { EntryError, toObject, type Values } from './entry.ts'
import { checkField } from './fields.ts'

const idLength = 16

export function createUserId(): string {
  return randomText(idLength)
}

/** An account of our own fields; what is not given is that of a new one. Throws an `EntryError` that names the field. */
export function toAccount(value: Values, defaultTenant: string | null, now: number): ImportedAccount {
  for (const name of Object.keys(value)) checkField(name)
  const username = toText(value, 'username') ?? toText(value, 'email')
  if (username === null || toUsername(username) === null) throw new EntryError('username is missing or no name')
  if (username.includes(':')) throw new EntryError('username holds a colon')
  return {
    id: toId(value),
    tenant: toText(value, 'tenant') ?? defaultTenant,
    username,
    passwordHash: toHash(value),
    roles: toWords(value, 'roles'),
    scopes: toWords(value, 'scopes'),
    attributes: toAttributes(value),
    createdAt: toTime(value, now),
    disabledAt: toFlag(value, 'disabled') === true ? now : null,
  }
}

function toText(value: Values, name: string): string | null {
  const text = value[name] ?? null
  if (text === null) return null
  if (typeof text === 'string' && text !== '' && text.length <= 200 && !/\p{C}/u.test(text)) return text
  throw new EntryError(`${name} is not a text of 1 to 200 characters that can be seen`)
}

/** Ids of accounts that `prove` makes say when they end. */
function toId(value: Values): string {
  const id = toText(value, 'id')
  if (id === null) return createUserId()
  if (id.startsWith('prove-')) throw new EntryError('ids that begin with "prove-" are those of `portcullis prove`')
  return id
}

function toHash(value: Values): string | null {
  const hash = value.passwordHash ?? null
  if (hash === null) return null
  try {
    if (typeof hash === 'string') return toPasswordHash(hash)
  } catch (error) {
    // Without its hash the account is there all the same.
    if (error instanceof PasswordError)
      throw new EntryError(`passwordHash: ${error.message}; leave it out, and its owner chooses a new password`)
    throw error
  }
  throw new EntryError('passwordHash is no text')
}

function toWords(value: Values, name: string): readonly string[] {
  const words = value[name] ?? []
  const isWord = (word: unknown) => typeof word === 'string' && /^[^\s\p{C}]{1,200}$/u.test(word)
  if (Array.isArray(words) && words.length <= 100 && words.every(isWord)) return words
  throw new EntryError(`${name} is not a list of at most 100 words`)
}

function toFlag(value: Values, name: string): boolean | null {
  const flag = value[name] ?? null
  if (flag === null || typeof flag === 'boolean') return flag
  throw new EntryError(`${name} is neither true nor false`)
}

/** Milliseconds since 1970, or ISO 8601. */
function toTime(value: Values, now: number): number {
  const time = value.createdAt ?? null
  if (time === null) return now
  const isNumber = typeof time === 'number' || (typeof time === 'string' && /^\d{1,15}$/.test(time))
  const at = isNumber ? Number(time) : typeof time === 'string' && time.length <= 40 ? Date.parse(time) : Number.NaN
  if (Number.isSafeInteger(at) && at >= 0 && at <= now) return at
  throw new EntryError('createdAt is no time of the past, in milliseconds or as 2024-01-31T12:00:00Z')
}

function toAttributes(value: Values): ImportedAccount['attributes'] {
  const own = value.attributes === undefined || value.attributes === null ? {} : toObject(value.attributes)
  if (Object.hasOwn(own, '__proto__')) throw new EntryError('attributes has a member "__proto__"')
  const [email, emailVerified] = [toText(value, 'email'), toFlag(value, 'emailVerified')]
  const attributes = { ...own, ...(email !== null && { email }), ...(emailVerified !== null && { emailVerified }) }
  if (Buffer.byteLength(JSON.stringify(attributes)) <= maxMetadataBytes) return attributes
  throw new EntryError(`attributes is longer than ${maxMetadataBytes} bytes`)
}
