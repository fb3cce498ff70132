import type { ConfigError } from '../config-error.ts'
import { type ConfigSource, forbiddenKey } from './config-source.ts'
import { type KeyPath, toPathText } from './key-path.ts'

const maxDepth = 32

/** Reads what `defineConfig()` made. Errors are told by key path, as there are no lines. */
export function readObject(
  value: unknown,
  file: string,
): { ok: true; source: ConfigSource } | { ok: false; errors: ConfigError[] } {
  const errors: ConfigError[] = []
  const plain = copyPlain(value, [], (path, message) => {
    errors.push({ file, position: null, path: toPathText(path), message, hint: null })
  })
  if (errors.length > 0) return { ok: false, errors }
  return { ok: true, source: { file, value: plain, positionOf: () => null } }
}

/** A deep copy, so that a later change of the object changes nothing here. */
function copyPlain(value: unknown, path: KeyPath, complain: (path: KeyPath, message: string) => void): unknown {
  if (path.length > maxDepth) {
    complain(path.slice(0, 3), `nested more than ${maxDepth} levels deep, or within itself`)
    return null
  }
  if (Array.isArray(value)) return value.map((entry, i) => copyPlain(entry, [...path, i], complain))
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') {
      complain(path, `a ${typeof value} cannot stand in a policy file: it is plain data`)
    }
    return value
  }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    complain(path, 'only plain objects, lists, texts, numbers and booleans can stand in a policy file')
    return null
  }
  const copy: Record<string, unknown> = {}
  for (const [key, entry] of Object.entries(value)) {
    if (key === forbiddenKey) complain(path, `the key "${forbiddenKey}" is not allowed`)
    // An option that is set to undefined is one that is left out.
    else if (entry !== undefined) copy[key] = copyPlain(entry, [...path, key], complain)
  }
  return copy
}
