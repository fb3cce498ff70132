import { StoreError, type StoreFailure } from '../ports/store-error.ts'

// https://www.sqlite.org/rescode.html
const busy = 5
const locked = 6
const readonly = 8
const ioError = 10
const corrupt = 11
const full = 13
const cannotOpen = 14
const constraint = 19
const notADatabase = 26
const primaryKeyTaken = 1555
const valueTaken = 2067
const databaseMoved = 1032
const sharedMemoryTooSmall = 4874

/** A file is there or not: nobody is asked over a network. */
type SqliteFailure = Exclude<StoreFailure, 'unreachable' | 'timeout' | 'overloaded'>

/** Says in words what SQLite's result code means for the operator. What is no fault of the store is returned as it is. */
export function toStoreError(error: unknown, path: string): unknown {
  if (!isSqliteError(error)) return error
  const failure = toFailure(error.errcode)
  if (failure === null) return error
  return new StoreError(failure, `${describe(failure, path)} (SQLite: ${error.message})`, { cause: error })
}

function toFailure(code: number): SqliteFailure | null {
  if (code === databaseMoved) return 'missing'
  if (code === sharedMemoryTooSmall) return 'full'
  switch (code & 0xff) {
    case busy:
    case locked:
      return 'locked'
    case full:
      return 'full'
    case cannotOpen:
      return 'missing'
    case readonly:
      return 'readonly'
    case constraint:
      return code === primaryKeyTaken || code === valueTaken ? 'conflict' : null
    // A missing table is a file of somebody else, or one that was cut off.
    case 1:
    case ioError:
    case corrupt:
    case notADatabase:
      return 'unusable'
    default:
      return null
  }
}

function describe(failure: SqliteFailure, path: string): string {
  switch (failure) {
    case 'locked':
      return `the store ${path} is locked by another process: end what holds it, or try again`
    case 'full':
      return `the store ${path} cannot grow: the disk is full, or a limit on the database is reached`
    case 'missing':
      return `the store ${path} cannot be opened: the file is missing, was moved, or its folder may not be used`
    case 'readonly':
      return `the store ${path} may not be written: check the owner and the mode of the file and its folder`
    case 'unusable':
      return `the store ${path} cannot be used: it is corrupt or not a Portcullis database; restore it from a backup`
    case 'conflict':
      return `the store ${path} holds that entry already`
  }
}

function isSqliteError(error: unknown): error is Error & { errcode: number } {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
}
