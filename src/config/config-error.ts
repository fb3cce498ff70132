import type { Position } from './snapshot.ts'
import type { ConfigSource } from './source/config-source.ts'
import { type KeyPath, type Part, toPathText } from './source/key-path.ts'

/** One thing that is wrong with a policy file. */
export interface ConfigError {
  readonly file: string
  /** Null for objects (`defineConfig()`), which have no lines. */
  readonly position: Position | null
  /** Such as `routes[2].rateLimit.limit`; empty for the file as a whole. */
  readonly path: string
  readonly message: string
  /** What to do about it. */
  readonly hint: string | null
}

const maxErrors = 1000
const maxTextLength = 500

/** As many as a person may want to see; what is generated can hold a hundred thousand. */
export function boundErrors(errors: readonly ConfigError[]): readonly ConfigError[] {
  const [first] = errors
  if (first === undefined || errors.length <= maxErrors) return errors
  const rest = {
    position: null,
    path: '',
    message: `${errors.length - maxErrors} more errors are not shown`,
    hint: null,
  }
  return [...errors.slice(0, maxErrors), { file: first.file, ...rest }]
}

/** How errors are collected: all of them, each where it is. */
export interface Report {
  add(path: KeyPath, message: string, extra?: { readonly hint?: string | null; readonly part?: Part }): void
}

/** @param found what is known to be wrong already */
export function createReport(
  source: ConfigSource,
  found: readonly ConfigError[] = [],
): Report & { readonly errors: ConfigError[] } {
  const errors = [...found]
  const seen = new Set<string>()
  return {
    errors,
    add(path, message, { hint = null, part = 'value' } = {}) {
      // One fault of `defaults` shows on every route that inherits it: once is enough.
      const key = `${toPathText(path)}\n${message}`
      if (seen.has(key)) return
      seen.add(key)
      const { file } = source
      errors.push({
        file,
        position: source.positionOf(path, part),
        path: boundText(toPathText(path)),
        message: boundText(withSubject(path, message)),
        hint: hint === null ? null : boundText(hint),
      })
    },
  }
}

/** What stands in the file can be of any length. */
function boundText(text: string): string {
  return text.length <= maxTextLength ? text : `${text.slice(0, maxTextLength)}…`
}

/** `must be a number` → `port must be a number`. Messages that name what they speak of stay as they are. */
function withSubject(path: KeyPath, message: string): string {
  const word = /^(not|must|is|needs|has|says|asks|redirects|stands)\b/.exec(message)
  if (word === null) return message
  const name = path.findLastIndex((key) => typeof key === 'string')
  return `${name === -1 ? 'the file' : toPathText(path.slice(name))} ${word[0] === 'not' ? 'is ' : ''}${message}`
}

/** In the order of the file, one paragraph each: `file:line:column: message`, then what to do. */
export function formatErrors(errors: readonly ConfigError[]): string {
  return [...errors]
    .sort(byPosition)
    .map((error) => `${toPlaceText(error)}: ${error.message}${error.hint === null ? '' : `\n    ${error.hint}`}`)
    .join('\n')
}

export function byPosition(a: ConfigError, b: ConfigError): number {
  if (a.position === null || b.position === null) return 0
  return a.position.line - b.position.line || a.position.column - b.position.column
}

function toPlaceText({ file, position, path }: ConfigError): string {
  if (position !== null) return `${file}:${position.line}:${position.column}`
  return path === '' ? file : `${file}: ${path}`
}
