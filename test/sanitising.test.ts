// The code on docs/sanitising.md is run as it stands there, with a text that attacks and one that is somebody's name.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { chooseSqlIdentifier } from '../src/sanitize/index.ts'
import { describeOnPostgres } from './support/postgres.ts'

const page = readFileSync(new URL('../docs/sanitising.md', import.meta.url), 'utf8')
const AsyncFunction = (async () => {}).constructor as new (
  ...parts: string[]
) => (...values: unknown[]) => Promise<unknown>

/** Runs the block that begins with this comment. */
function runBlock(name: string, values: Readonly<Record<string, unknown>>): Promise<unknown> {
  const code = page
    .split('```js\n')
    .find((block) => block.startsWith(`// ${name}\n`))
    ?.split('```')[0]
  assert.ok(code, `no block ${name}`)
  return new AsyncFunction(...Object.keys(values), code)(...Object.values(values))
}

const attack = "nobody' OR '1'='1"
const schema =
  "CREATE TABLE customers (name TEXT, created TEXT); INSERT INTO customers VALUES ('O''Brien', '1'), ('Ann', '2')"

test('node:sqlite, and names from a list', async () => {
  const database = new DatabaseSync(':memory:')
  database.exec(schema)
  const names = async (name: string) => (await runBlock('node:sqlite', { database, name })) as unknown[]
  assert.equal(database.prepare(`SELECT name FROM customers WHERE name = '${attack}'`).all().length, 2)
  assert.deepEqual([(await names(attack)).length, (await names("O'Brien")).length], [0, 1])
  const sorted = (await runBlock('names', { database, sort: 'name', chooseSqlIdentifier })) as { name: string }[]
  assert.deepEqual(
    sorted.map(({ name }) => name),
    ['Ann', "O'Brien"],
  )
  await assert.rejects(runBlock('names', { database, sort: '(SELECT 1)', chooseSqlIdentifier }), /prepared statement/)
  database.close()
})

test('execFile', async () => {
  const run = (name: string) => runBlock('execFile', { execFile: promisify(execFile), name })
  assert.equal(await run('$(id); `id`'), '$(id); `id`')
})

describeOnPostgres('PostgreSQL', (server) => {
  test('pg and Kysely', async () => {
    const url = await server().createDatabase()
    await server().run(schema, url)
    const pool = new pg.Pool({ connectionString: url })
    const db = new Kysely<{ customers: { name: string; created: string } }>({ dialect: new PostgresDialect({ pool }) })
    try {
      assert.equal((await pool.query(`SELECT name FROM customers WHERE name = '${attack}'`)).rows.length, 2)
      for (const [name, count] of [
        [attack, 0],
        ["O'Brien", 1],
      ] as const) {
        assert.equal(((await runBlock('pg', { client: pool, name })) as unknown[]).length, count)
        assert.equal(((await runBlock('kysely', { db, sql, name })) as unknown[]).length, count * 2)
      }
    } finally {
      await db.destroy()
    }
  })
})
