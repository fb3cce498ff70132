import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { describeOnPostgres } from '../../test/support/postgres.ts'
import { runCli } from '../../test/support/run-cli.ts'
import { migrations } from '../stores/migrations/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-migrate-'))
const names = Object.keys(migrations)
after(() => rmSync(folder, { recursive: true }))

function writeFile(name: string, data: string): string {
  writeFileSync(join(folder, name), `version: 1\nlisten: { https: { certificate: dev } }\ndata: ${data}\n`)
  return name
}

async function migrate(file: string, ...args: string[]) {
  const { status, stdout } = await runCli(folder, 'migrate', '-c', file, ...args)
  return { status, stdout }
}

async function showsAllOf(file: string) {
  const waiting = await migrate(file, '--list')
  assert.equal(waiting.status, 1)
  assert.equal(waiting.stdout.trim(), names.map((name) => `waiting  ${name}`).join('\n'))
  const dry = await migrate(file, '--dry-run')
  assert.match(dry.stdout, /These would run:\n {2}0001-api-keys/)
  assert.equal((await migrate(file, '--list')).status, 1)

  const ran = JSON.parse((await migrate(file, '--json')).stdout)
  assert.deepEqual(ran, { ran: names, migrations: names.map((name) => ({ name, state: 'done' })) })
  assert.equal((await migrate(file)).stdout.trim(), 'Nothing to do: every migration has run.')
  assert.equal((await migrate(file, '--list')).status, 0)
}

test('on SQLite: lists, runs, and has nothing to do; looking makes no file', async () => {
  const file = writeFile('sqlite.yaml', 'sqlite:data/portcullis.db')
  assert.equal((await migrate(file, '--list')).status, 1)
  assert.equal(existsSync(join(folder, 'data', 'portcullis.db')), false)
  await showsAllOf(file)
  const database = new DatabaseSync(join(folder, 'data', 'portcullis.db'))
  database.exec(`insert into portcullis_migrations values ('9999-later', '2030-01-01')`)
  database.close()
  const newer = await migrate(file, '--list')
  assert.equal(newer.status, 1)
  assert.match(newer.stdout, /unknown {2}9999-later/)
  const refused = await runCli(folder, 'migrate', '-c', file)
  assert.equal(refused.status, 1)
  assert.match(refused.stderr, /newer version/)
})

describeOnPostgres('migrate on PostgreSQL', (server) => {
  test('lists, runs, and has nothing to do', async () => {
    await showsAllOf(writeFile('postgres.yaml', await server().createDatabase()))
  })
})

test('a server that is away is said to be, as JSON too', async () => {
  const file = writeFile('away.yaml', 'postgres://shop@127.0.0.1:1/shop')
  const { status, stdout } = await migrate(file, '--json')
  assert.equal(status, 1)
  assert.match(JSON.parse(stdout).errors[0].message, /cannot be reached/)
})
