import { StoreError, type StoreFailure } from '../ports/store-error.ts'

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const bySqlState: Readonly<Record<string, StoreFailure>> = {
  '23505': 'conflict',
  '25006': 'readonly',
  '3D000': 'missing',
  '40001': 'locked',
  '40P01': 'locked',
  '42501': 'readonly',
  '42703': 'unusable',
  '42P01': 'unusable',
  '53100': 'full',
  '53200': 'overloaded',
  '53300': 'overloaded',
  '55P03': 'locked',
  '57014': 'timeout',
  '25P03': 'timeout',
}
const bySqlClass: Readonly<Record<string, StoreFailure>> = {
  '08': 'unreachable',
  '28': 'unreachable',
  '57': 'unreachable',
  '58': 'unusable',
  XX: 'unusable',
}

/** Says in words what an error of PostgreSQL, or of the way to it, means for the operator. */
export function toStoreError(error: unknown, name: string): unknown {
  if (!(error instanceof Error) || error instanceof StoreError) return error
  const failure = toFailure(error)
  if (failure === null) return error
  return new StoreError(failure, `${describe(failure, name, sqlStateOf(error))} (${reasonOf(error)})`, { cause: error })
}

/** Whether a connection on which this happened may be used for another statement. */
export function isSpoiling(error: unknown): boolean {
  const state = sqlStateOf(error)
  return state === null || bySqlClass[state.slice(0, 2)] !== undefined
}

function toFailure(error: Error): StoreFailure | null {
  const state = sqlStateOf(error)
  if (state !== null) return bySqlState[state] ?? bySqlClass[state.slice(0, 2)] ?? null
  if (/^Query read timeout/.test(error.message)) return 'timeout'
  // What has no state of SQL never came from the server: the driver's own words, or the network's.
  return error instanceof TypeError || error instanceof RangeError ? null : 'unreachable'
}

function describe(failure: StoreFailure, name: string, state: string | null): string {
  switch (failure) {
    case 'conflict':
      return `the store (${name}) holds that entry already`
    case 'readonly':
      return `the store (${name}) may not be written: it is a replica, or its user lacks the rights`
    case 'missing':
      return `the store (${name}) is missing: create the database`
    case 'locked':
      return `the store (${name}) is locked by another transaction: try again`
    case 'full':
      return `the store (${name}) cannot grow: its disk is full`
    case 'overloaded':
      return `the store (${name}) has no connection or memory left: raise its limits, or run fewer instances`
    case 'timeout':
      return `the store (${name}) took too long`
    case 'unusable':
      return `the store (${name}) cannot be used: run \`portcullis migrate\` where tables are missing, restore it where it is damaged`
    case 'unreachable':
      return state?.startsWith('28') === true
        ? `the store (${name}) refuses this user: check the user, the password and pg_hba.conf`
        : `the store (${name}) cannot be reached: is it running, and may this machine connect?`
  }
}

function sqlStateOf(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && 'severity' in (error as Error) ? code : null
}

/** The server's words, without the statement and its values, which stand in other properties. */
function reasonOf(error: Error): string {
  // Several addresses were tried: the error of all of them has no words of its own.
  if (error instanceof AggregateError) return error.errors.map((one: Error) => one.message).join('; ')
  return error.message
}
