import { normalize } from 'node:path'
import type { ConfigError } from './config-error.ts'
import { noSuchFile } from './read-text-file.ts'
import { isPlain } from './schema/read-setting.ts'
import type { ConfigSource } from './source/config-source.ts'
import { type KeyPath, toPathText } from './source/key-path.ts'

/** What is wrong with a file as a whole is told at the place where the policy file names it. */
export function placeFileErrors(errors: readonly ConfigError[], source: ConfigSource): readonly ConfigError[] {
  return errors.map((error) => {
    if (error.position !== null || error.file === source.file) return error
    const path = findText(source.value, error.file, [])
    if (path === null) return error
    const advice = error.message === noSuchFile ? 'Paths start from the folder of the policy file.' : null
    return {
      file: source.file,
      position: source.positionOf(path, 'value'),
      path: toPathText(path),
      message: `${error.file}: ${error.message}`,
      hint: error.hint ?? advice,
    }
  })
}

function findText(value: unknown, file: string, path: KeyPath): KeyPath | null {
  if (typeof value === 'string') return normalize(value) === normalize(file) ? path : null
  const members = Array.isArray(value) ? value.entries() : isPlain(value) ? Object.entries(value) : []
  for (const [key, member] of members) {
    const found = findText(member, file, [...path, key])
    if (found !== null) return found
  }
  return null
}
