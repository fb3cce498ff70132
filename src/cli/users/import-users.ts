import { parsePasswordHash } from '../../crypto/passwords/password-hash.ts'
import { randomText } from '../../crypto/random-text.ts'
import type { AccountStore, NewAccount } from '../../stores/ports/account-store.ts'
import { StoreError } from '../../stores/ports/store-error.ts'
import { toUsername } from '../../stores/ports/username.ts'
import { KeyCommandError } from '../keys/key-session.ts'
import { LineError, readLines } from '../keys/read-lines.ts'

export interface Imported {
  added: number
  present: number
}

const fields = ['username', 'passwordHash', 'tenant', 'roles', 'scopes', 'attributes', 'id'] as const
const idLength = 16

export function createUserId(): string {
  return randomText(idLength)
}

/** Adds accounts line by line, until one is wrong; those that are there already are passed over, so that it can be run again. */
export async function importUsers(
  accounts: AccountStore,
  input: AsyncIterable<Uint8Array>,
  now: number,
): Promise<Imported> {
  const done: Imported = { added: 0, present: 0 }
  let at = 0
  try {
    for await (const { number, text } of readLines(input)) {
      at = number
      if (text.trim() === '') continue
      if (await add(accounts, toNewAccount(text, now))) done.added++
      else done.present++
    }
  } catch (error) {
    if (!(error instanceof KeyCommandError || error instanceof LineError)) throw error
    throw new KeyCommandError(
      `line ${at}: ${error.message}\n${done.added} accounts were added before it. Mend it and run the import again: what is there is passed over.`,
    )
  }
  return done
}

async function add(accounts: AccountStore, account: NewAccount): Promise<boolean> {
  try {
    await accounts.create(account)
    return true
  } catch (error) {
    if (error instanceof StoreError && error.failure === 'conflict') return false
    throw error
  }
}

/** Throws a `KeyCommandError` that names the field; it never repeats a hash. */
function toNewAccount(text: string, now: number): NewAccount {
  const value = parse(text)
  const unknown = Object.keys(value).find((name) => !(fields as readonly string[]).includes(name))
  if (unknown !== undefined) throw new KeyCommandError(`unknown field ${JSON.stringify(unknown.slice(0, 40))}`)
  const username = toText(value, 'username')
  if (username === null || toUsername(username) === null) throw new KeyCommandError('username is missing or no name')
  return {
    id: toId(value),
    tenant: toText(value, 'tenant'),
    username,
    passwordHash: toHash(value),
    roles: toWords(value, 'roles'),
    scopes: toWords(value, 'scopes'),
    attributes: toAttributes(value),
    createdAt: now,
  }
}

function parse(text: string): Record<string, unknown> {
  let value: unknown = null
  try {
    value = JSON.parse(text)
  } catch {}
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new KeyCommandError('it is no JSON object')
}

function toText(value: Record<string, unknown>, name: string): string | null {
  const text = value[name] ?? null
  if (text === null) return null
  if (typeof text === 'string' && text !== '' && text.length <= 200 && !/\p{C}/u.test(text)) return text
  throw new KeyCommandError(`${name} is not a text of 1 to 200 characters that can be seen`)
}

/** Ids of accounts that `prove` makes say when they end. */
function toId(value: Record<string, unknown>): string {
  const id = toText(value, 'id')
  if (id === null) return createUserId()
  if (id.startsWith('prove-')) throw new KeyCommandError('ids that begin with "prove-" are those of `portcullis prove`')
  return id
}

function toHash(value: Record<string, unknown>): string | null {
  const hash = value.passwordHash ?? null
  if (hash === null) return null
  try {
    if (typeof hash === 'string') {
      parsePasswordHash(hash)
      return hash
    }
  } catch {}
  throw new KeyCommandError('passwordHash is no hash of Argon2, bcrypt or PBKDF2 in PHC form, or costs too much')
}

function toWords(value: Record<string, unknown>, name: string): readonly string[] {
  const words = value[name] ?? []
  const isWord = (word: unknown) => typeof word === 'string' && /^[^\s\p{C}]{1,200}$/u.test(word)
  if (Array.isArray(words) && words.length <= 100 && words.every(isWord)) return words
  throw new KeyCommandError(`${name} is not a list of at most 100 words`)
}

function toAttributes(value: Record<string, unknown>): NewAccount['attributes'] {
  const attributes = value.attributes ?? {}
  const isObject = typeof attributes === 'object' && !Array.isArray(attributes)
  if (isObject && !Object.hasOwn(attributes as object, '__proto__')) return attributes as NewAccount['attributes']
  throw new KeyCommandError('attributes is no JSON object')
}
