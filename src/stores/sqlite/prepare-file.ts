import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../ports/store-error.ts'
import { toStoreError } from './to-store-error.ts'
import { waitForLock } from './wait-for-lock.ts'

/**
 * Makes the database file where there is none, readable by nobody else, and sees to it that it is in WAL mode, in
 * which readers never wait for the writer. Safe when several processes do so at once.
 */
export async function prepareSqliteFile(path: string, lockTimeoutMs: number): Promise<void> {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    closeSync(openSync(path, 'a', 0o600))
    // SQLite gives its -wal and -shm files the mode of the database itself.
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600)
  } catch (error) {
    throw toFileError(error, path)
  }
  await waitForLock(() => useWriteAheadLog(path), lockTimeoutMs)
}

function useWriteAheadLog(path: string): void {
  let database: DatabaseSync | null = null
  try {
    database = new DatabaseSync(path)
    database.exec('pragma journal_mode = wal')
  } catch (error) {
    throw toStoreError(error, path)
  } finally {
    database?.close()
  }
}

function toFileError(error: unknown, path: string): StoreError {
  const code = (error as NodeJS.ErrnoException).code
  const options = { cause: error }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new StoreError('full', `the store ${path} cannot be made: the disk is full`, options)
  }
  if (code === 'EISDIR' || code === 'ENOTDIR' || code === 'EEXIST') {
    return new StoreError('unusable', `the store ${path} cannot be made: the path does not name a file`, options)
  }
  return new StoreError('readonly', `the store ${path} may not be made or written here (${code})`, options)
}
