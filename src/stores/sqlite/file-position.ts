import { StoreError } from '../ports/store-error.ts'
import type { SqliteFile } from './sqlite-file.ts'

/** The position of the change log in one particular file: another file is another position, whatever it counts. */
export function toFilePosition(file: SqliteFile, rows: readonly unknown[]): string {
  const row = rows[0] as { position: number } | undefined
  if (row === undefined) throw new StoreError('unusable', `the store ${file.path} has lost its change log: restore it`)
  return `${file.identity}:${row.position}`
}
