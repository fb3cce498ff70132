import { isProxy } from 'node:util/types'
import { saysStandard, toStandIn } from '../../core/standard-schema.ts'
import type { ConfigError } from '../config-error.ts'
import { type ConfigSource, forbiddenKey, maxValues, tooManyValues } from './config-source.ts'
import { type KeyPath, toPathText } from './key-path.ts'
import { findUnseen } from './unseen-characters.ts'

const maxDepth = 32

/** Reads what `defineConfig()` made. Errors are told by key path, as there are no lines. */
export function readObject(
  value: unknown,
  file: string,
): { ok: true; source: ConfigSource; errors: readonly ConfigError[] } | { ok: false; errors: readonly ConfigError[] } {
  const errors: ConfigError[] = []
  const copier = new Copier((path, message) => {
    errors.push({ file, position: null, path: toPathText(path), message, hint: null })
  })
  const plain = copier.copy(value, [])
  return errors.length > 0
    ? { ok: false, errors }
    : {
        ok: true,
        source: { file, value: plain, positionOf: () => null, standardSchemas: copier.standardSchemas },
        errors,
      }
}

/** What zod and TypeBox hide in a JSON Schema; what TypeBox judges beyond it (`~refine`, `~codec`) is refused. */
const hiddenNotes: ReadonlySet<unknown> = new Set(['~kind', '~optional', '~readonly', '~unsafe', '~standard'])

/** Copies plain data to its depths, so that a later change of the object changes nothing here. Runs no code of it. */
class Copier {
  readonly #complain: (path: KeyPath, message: string) => void
  /** The objects that lead to the one that is being copied. */
  readonly #within = new Set<object>()
  /** Where schemas of libraries were found. Stand-ins take their place. */
  readonly standardSchemas: KeyPath[] = []
  #values = 0

  constructor(complain: (path: KeyPath, message: string) => void) {
    this.#complain = complain
  }

  copy(value: unknown, path: KeyPath): unknown {
    // An object that stands twice in one that stands twice, and so on, has more places than memory.
    if (++this.#values > maxValues) {
      if (this.#values === maxValues + 1) this.#complain([], tooManyValues)
      return null
    }
    if (!isProxy(value) && saysStandard(value) && !isWrittenOut(value)) return this.#copySchema(value, path)
    const fault = findFault(value) ?? (this.#within.has(value as object) ? 'the object stands within itself' : null)
    if (fault !== null || typeof value !== 'object' || value === null) {
      if (fault !== null) this.#complain(path, fault)
      return value
    }
    if (path.length > maxDepth) {
      this.#complain(path.slice(0, 3), `nested more than ${maxDepth} levels deep`)
      return null
    }
    this.#within.add(value)
    const copy = Array.isArray(value) ? this.#copyList(value, path) : this.#copyRecord(value, path)
    this.#within.delete(value)
    return copy
  }

  #copySchema(schema: object, path: KeyPath): unknown {
    this.standardSchemas.push(path)
    const standIn = toStandIn(schema)
    if (standIn === null) this.#complain(path, 'the schema is not one of Standard Schema, version 1')
    return standIn
  }

  #copyList(list: readonly unknown[], path: KeyPath): unknown {
    if (Reflect.ownKeys(list).length === list.length + 1) return list.map((_, i) => this.#copyProperty(list, i, path))
    this.#complain(path, 'the list has gaps, or keys beside its entries')
    return null
  }

  #copyRecord(record: object, path: KeyPath): unknown {
    const copy: Record<string, unknown> = {}
    for (const key of Reflect.ownKeys(record)) {
      const value = this.#copyProperty(record, key, path)
      // An option that is set to undefined is one that is left out.
      if (typeof key === 'string' && value !== undefined) copy[key] = value
    }
    return copy
  }

  #copyProperty(owner: object, key: string | number | symbol, path: KeyPath): unknown {
    const property = Object.getOwnPropertyDescriptor(owner, key)
    if (property?.enumerable === false && hiddenNotes.has(key)) return undefined
    const fault = findKeyFault(key, property)
    if (fault === null) return this.copy(property?.value, [...path, key as string | number])
    this.#complain(path, fault)
    return undefined
  }
}

/** A JSON Schema that zod wrote (`z.toJSONSchema`), which hides the way back to zod. */
function isWrittenOut(schema: object): boolean {
  const hidden = Object.getOwnPropertyDescriptor(schema, '~standard')?.enumerable === false
  return hidden && typeof Object.getOwnPropertyDescriptor(schema, '$schema')?.value === 'string'
}

function findFault(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
      return findUnseen(value)?.message ?? null
    case 'function':
    case 'symbol':
    case 'bigint':
      return `a ${typeof value} cannot stand in a policy file: it is plain data`
    case 'object':
      return isPlain(value) ? null : 'only plain objects, lists, texts, numbers and booleans can stand in a policy file'
    default:
      return null
  }
}

/** Also an object of another realm, where tests of applications run. */
function isPlain(value: object | null): boolean {
  if (value === null || isProxy(value)) return value === null
  const prototype = Object.getPrototypeOf(value) as object | null
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null
}

function findKeyFault(key: string | number | symbol, property: PropertyDescriptor | undefined): string | null {
  if (typeof key === 'symbol') return 'a symbol cannot be a key of a policy file'
  if (key === forbiddenKey) return `the key "${forbiddenKey}" is not allowed`
  if (property === undefined) return 'the list has gaps'
  if (!('value' in property)) return `"${key}" is a getter or setter: a policy file is plain data`
  if (key === '~refine' || key === '~codec') {
    return `"${key}" is a function of TypeBox, which no JSON Schema says: judge that in the application`
  }
  if (property.enumerable === false) return `"${key}" is hidden (not enumerable): a policy file is plain data`
  return findUnseen(String(key))?.message ?? null
}
