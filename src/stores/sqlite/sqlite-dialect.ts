import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { SqliteFile, StatementResult } from './sqlite-file.ts'
import { waitForLock } from './wait-for-lock.ts'

/**
 * Kysely on `node:sqlite`. One connection; Kysely itself queues what would use it at the same time.
 * @param lockTimeoutMs how long a statement waits while another connection writes; the thread goes on meanwhile
 */
export function createSqliteDialect(file: SqliteFile, lockTimeoutMs: number): Dialect {
  return {
    createDriver: () => createDriver(file, lockTimeoutMs),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new TransactionalSqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  }
}

/**
 * SQLite can undo changes of the schema. Since every transaction of ours takes the write lock as it begins, the one
 * that a migration runs in is also the lock that keeps other processes from migrating at the same time.
 */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

function createDriver(file: SqliteFile, lockTimeoutMs: number): Driver {
  function run(sql: string, parameters: readonly unknown[] = []): StatementResult | Promise<StatementResult> {
    // Inside a transaction the lock is held, so that what is locked then will not get free by waiting.
    if (file.inTransaction) return file.run(sql, parameters)
    return waitForLock(() => file.run(sql, parameters), lockTimeoutMs)
  }

  const connection = createConnection(run)
  return {
    init: async () => {},
    acquireConnection: async () => connection,
    // The lock is taken at once: two readers that both want to become writers would wait for each other in vain.
    beginTransaction: async () => void (await run('begin immediate')),
    commitTransaction: async () => void (await run('commit')),
    async rollbackTransaction() {
      if (file.inTransaction) await run('rollback')
    },
    releaseConnection: async () => {},
    destroy: async () => file.close(),
  }
}

type Run = (sql: string, parameters: readonly unknown[]) => StatementResult | Promise<StatementResult>

function createConnection(run: Run): DatabaseConnection {
  async function executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { rows, changes } = await run(query.sql, query.parameters)
    return { rows: rows as Row[], numAffectedRows: BigInt(changes) }
  }
  return {
    executeQuery,
    async *streamQuery<Row>(query: CompiledQuery) {
      yield await executeQuery<Row>(query)
    },
  }
}
