import { headOf, redactText } from './redact.ts'
import { isSecretName } from './secret-names.ts'
import { redacted } from './secret-patterns.ts'

/** How much of a value is written. */
export interface ValueLimits {
  readonly depth: number
  /** Entries of all lists and objects together. */
  readonly entries: number
  /** Characters of one text. */
  readonly textLength: number
}

const maxNameLength = 128
/** Fields as Node lists them, `['cookie', 'a=b']`: the value follows the name. */
const listedField = /^(?:proxy-)?authorization$|^(?:set-)?cookie2?$|^x-api-key$/i

/** A copy of a value for the log: secrets gone by name and by look, never more than the limits. Never throws. */
export function redactValue(value: unknown, limits: ValueLimits): unknown {
  let entriesLeft = limits.entries

  function copyOf(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return copyText(value)
    if (value === null || typeof value !== 'object') return toPlain(value)
    try {
      return copyObject(value, depth)
    } catch {
      // Somebody else's getter or proxy.
      return '[unreadable]'
    }
  }

  function copyText(text: string): string {
    return clip(redactText(headOf(text, limits.textLength)), limits.textLength)
  }

  function copyObject(value: object, depth: number): unknown {
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
    if (value instanceof Date || value instanceof URL) return copyText(String(value.toJSON()))
    if (depth >= limits.depth || entriesLeft <= 0) return '[more]'
    if (Array.isArray(value)) return copyList(take(value), depth)
    const entries = Object.entries(value instanceof Error ? partsOf(value) : value)
    return Object.fromEntries(
      take(entries).map(([name, entry]) => [
        redactText(clip(name, maxNameLength)),
        isSecretName(name) && isTelling(entry) ? redacted : copyOf(entry, depth + 1),
      ]),
    )
  }

  function copyList(list: readonly unknown[], depth: number): unknown[] {
    return list.map((entry, at) => {
      const before = list[at - 1]
      const isField = typeof before === 'string' && listedField.test(before)
      return isField && isTelling(entry) ? redacted : copyOf(entry, depth + 1)
    })
  }

  function take<T>(list: readonly T[]): readonly T[] {
    const taken = list.slice(0, Math.max(0, entriesLeft))
    entriesLeft -= taken.length
    return taken
  }

  return copyOf(value, 0)
}

/** Whether a value can be a secret. */
function isTelling(value: unknown): boolean {
  return value !== null && value !== undefined && typeof value !== 'boolean'
}

/** What an operator needs of an error; other properties may be a whole request. */
function partsOf(error: Error): object {
  const { name, message, stack = '', cause } = error
  return {
    name,
    message,
    stack,
    ...('code' in error ? { code: error.code } : {}),
    ...(cause === undefined ? {} : { cause }),
    ...(error instanceof AggregateError ? { errors: error.errors } : {}),
  }
}

function toPlain(value: unknown): unknown {
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value)
  return typeof value === 'function' ? '[function]' : value
}

function clip(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
}
