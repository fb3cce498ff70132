import type { PostgresPool, PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { StoreError } from '../ports/store-error.ts'
import type { Connection } from './connection-url.ts'
import { isSpoiling, toStoreError } from './to-store-error.ts'

export interface PoolOptions {
  /** Connections that this thread opens at most. */
  readonly maxConnections: number
  /** How long the server works on one statement before it gives up. */
  readonly statementTimeoutMs: number
  /** Default 3000: for connecting, and for a connection to become free. */
  readonly connectTimeoutMs?: number
}

/** Calls that wait for a connection; what comes on top is refused at once. */
const maxWaiting = 500
/** How much longer than the server itself we wait for its answer: it may be gone without a word. */
const answerMarginMs = 1000
/** After the server could not be reached, so long nobody tries anew. */
const retryAfterMs = 250
const idleTimeoutMs = 30_000

/** Connections to one database for Kysely. Errors are `StoreError`s, and nothing waits for ever or without a bound. */
export function createPool({ config, name }: Connection, options: PoolOptions): PostgresPool {
  const { maxConnections, statementTimeoutMs, connectTimeoutMs = 3000 } = options
  const pool = new pg.Pool({
    ...config,
    max: maxConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: idleTimeoutMs,
    statement_timeout: statementTimeoutMs,
    // The shorter one tells: what waits for a lock is not slow by itself.
    lock_timeout: Math.ceil(statementTimeoutMs * 0.8),
    idle_in_transaction_session_timeout: statementTimeoutMs * 2,
    query_timeout: statementTimeoutMs + answerMarginMs,
    keepAlive: true,
    allowExitOnIdle: true,
    types: { getTypeParser },
  })
  // An idle connection that ends has left the pool already; the next call opens another.
  pool.on('error', () => {})
  // One that ends while a call holds it: its statements say so. Unheard, the same error would end the process.
  pool.on('connect', (client) => client.on('error', () => {}))
  let failed: unknown = null
  let retryAt = 0

  async function connect(): Promise<PostgresPoolClient> {
    if (failed !== null && performance.now() < retryAt) throw failed
    if (pool.waitingCount >= maxWaiting) {
      throw new StoreError('overloaded', `the store (${name}) is overloaded: ${maxWaiting} calls wait for a connection`)
    }
    const queued = pool.totalCount >= maxConnections && pool.waitingCount >= pool.idleCount
    try {
      const client = await pool.connect()
      failed = null
      return guardClient(client, name)
    } catch (error) {
      if (queued) {
        const text = `the store (${name}) is overloaded: none of ${maxConnections} connections became free in time`
        throw new StoreError('overloaded', text, { cause: error })
      }
      failed = toStoreError(error, name)
      retryAt = performance.now() + retryAfterMs
      throw failed
    }
  }

  return { connect, end: () => pool.end(), options: {} }
}

/** A connection that is not used again once something happened on it that it may not have recovered from. */
function guardClient(client: pg.PoolClient, name: string): PostgresPoolClient {
  let spoiled = false
  const query = async (text: string, values: readonly unknown[]) => {
    try {
      return await client.query(text, values as unknown[])
    } catch (error) {
      // After a time-out of ours the answer is still to come: it would be taken for that of the next statement.
      if (isSpoiling(error)) spoiled = true
      throw toStoreError(error, name)
    }
  }
  const release = (discard?: boolean) => client.release(discard === true || spoiled)
  return { query, release } as unknown as PostgresPoolClient
}

const bigint = 20

/** Times and positions are bigint; those that a number cannot hold stay text, which is refused where they are read. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (oid !== bigint) return pg.types.getTypeParser(oid, format as 'text')
  return (text: string) => {
    const value = Number(text)
    return Number.isSafeInteger(value) ? value : text
  }
}
