import { InvalidArgumentError } from 'commander'
import { suggest } from '../../core/suggest.ts'
import { deriveApiKeyId, isApiKeyId } from '../../crypto/api-key.ts'
import type { NewKey } from '../../stores/ports/key-store.ts'
import { KeyCommandError } from './key-session.ts'
import {
  checkMetadata,
  collect,
  parseEnvironment,
  parseLimit,
  parseMetadata,
  parseNetwork,
  parseText,
  parseUses,
  parseWord,
} from './parse-arguments.ts'

/** How each field of an import is read, from JSON or from text. */
const fields: Readonly<Record<string, (value: unknown) => unknown>> = {
  id: (value) => parseId(toText(value)),
  hash: (value) => parseHash(toText(value)),
  owner: (value) => parseText(toText(value)),
  name: (value) => parseText(toText(value)),
  tenant: (value) => parseText(toText(value)),
  roles: (value) => toList(value, parseWord),
  scopes: (value) => toList(value, parseWord),
  cidrs: (value) => toList(value, parseNetwork),
  environment: (value) => parseEnvironment(toText(value)),
  metadata: (value) => (typeof value === 'string' ? parseMetadata(value) : checkMetadata(value)),
  usesLeft: (value) => parseUses(typeof value === 'number' ? String(value) : toText(value)),
  rateLimit: (value) => parseLimit(toText(value)),
  quota: (value) => parseLimit(toText(value)),
  createdAt: toTime,
  expiresAt: toTime,
}

/** One line of an import as a key. Throws a `KeyCommandError` that names the field; it never repeats the hash. */
export function toNewKey(values: Readonly<Record<string, unknown>>, now: number): NewKey {
  const read: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(values)) {
    if (value === null) continue
    const parse = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (parse === undefined) throw new KeyCommandError(describeUnknown(name))
    try {
      read[name] = parse(value)
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error
      throw new KeyCommandError(`${name}: ${error.message}`)
    }
  }
  const { hash, id, ...given } = read as { hash?: string; id?: string } & Partial<NewKey>
  if (hash === undefined) throw new KeyCommandError('hash is missing: the SHA-256 of the key in hex')
  if (given.owner === undefined) throw new KeyCommandError('owner is missing')
  const { owner } = given
  return { ...nothing, createdAt: now, ...given, owner, id: id ?? deriveApiKeyId(hash), digest: hash }
}

const nothing = { name: null, tenant: null, roles: [], scopes: [], cidrs: [], expiresAt: null }

function describeUnknown(name: string): string {
  const near = suggest(name, Object.keys(fields))
  return `unknown field ${JSON.stringify(name.slice(0, 40))}${near === null ? '' : `; did you mean ${near}?`}`
}

/** Only ids of our form: then the key can be rotated, which gives it a secret of our form. */
function parseId(text: string): string {
  if (isApiKeyId(text)) return text
  throw new InvalidArgumentError('It is not an id of 12 letters and digits; left out, one is made from the hash.')
}

function parseHash(text: string): string {
  const hash = text.toLowerCase()
  if (/^[0-9a-f]{64}$/.test(hash)) return hash
  throw new InvalidArgumentError('It is not a SHA-256 in hex (64 characters); never give the key itself.')
}

function toText(value: unknown): string {
  if (typeof value === 'string') return value
  throw new InvalidArgumentError('It is not text.')
}

function toList(value: unknown, parse: (text: string) => string): readonly string[] {
  const texts = typeof value === 'string' ? value.split(' ').filter((text) => text !== '') : value
  if (!Array.isArray(texts)) throw new InvalidArgumentError('It is not a list.')
  const add = collect(parse)
  return texts.reduce<readonly string[]>((before, text) => add(toText(text), before), [])
}

/** RFC 3339 in UTC or with an offset, or epoch milliseconds as JSON gives them. */
function toTime(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value
  const text = toText(value)
  const dated = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/.test(text)
  const time = dated ? Date.parse(text) : Number.NaN
  if (Number.isFinite(time)) return time
  throw new InvalidArgumentError('It is not a time such as 2030-01-31 or 2030-01-31T12:00:00Z.')
}
