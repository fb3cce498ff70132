import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { describeOnPostgres } from '../../test/support/postgres.ts'
import { runCli } from '../../test/support/run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-audit-'))
after(() => rmSync(folder, { recursive: true }))

function writeFile(name: string, data: string): string {
  writeFileSync(join(folder, name), `version: 1\nlisten: { https: { certificate: dev } }\ndata: ${data}\n`)
  return name
}

async function json(...args: string[]) {
  const { status, stdout, stderr } = await runCli(folder, ...args, '--json')
  assert.equal(status, 0, stderr + stdout)
  return JSON.parse(stdout)
}

async function tellsOfKeys(file: string) {
  const { id, key } = await json('keys', 'create', '-c', file, '--owner', 'shop', '--role', 'customer')
  await json('keys', 'disable', id, '-c', file)
  await json('keys', 'enable', id, '-c', file)
  await json('keys', 'update', id, '-c', file, '--name', 'tills')
  await json('keys', 'revoke', id, '-c', file)
  const events = await json('audit', 'list', '-c', file, '--since', '1h', '--subject', id)
  assert.deepEqual(
    events.map(({ action, subject }: Record<string, string>) => [action, subject]),
    [
      ['api-key-revoked', id],
      ['api-key-changed', id],
      ['api-key-enabled', id],
      ['api-key-disabled', id],
      ['api-key-created', id],
    ],
  )
  assert.match(events[0].actor, /^cli:./)
  assert.deepEqual(events[1].detail, { name: 'tills' })
  assert.deepEqual(events.at(-1).detail.roles, ['customer'])
  const { stdout } = await runCli(folder, 'audit', 'list', '-c', file, '--limit', '1')
  assert.match(stdout, new RegExp(`^\\d{4}-\\S+Z {2}cli:\\S+ {2}api-key-revoked {2}${id}\n$`))
  assert.doesNotMatch(JSON.stringify(events), new RegExp(key))
  assert.deepEqual(await json('audit', 'list', '-c', file, '--since', '2999-01-01'), [])
  assert.equal((await json('audit', 'list', '-c', file, '--until', '2999-01-01T00:00Z', '--limit', '1')).length, 1)
}

test('on SQLite: what the command line did to keys is told', () =>
  tellsOfKeys(writeFile('sqlite.yaml', 'sqlite:data/x.db')))

describeOnPostgres('audit on PostgreSQL', (server) => {
  test('what the command line did to keys is told', async () => {
    await tellsOfKeys(writeFile('postgres.yaml', await server().createDatabase()))
  })
})

test('a trail without events, and times that are none', async () => {
  const file = writeFile('empty.yaml', 'sqlite:empty/x.db')
  assert.equal((await runCli(folder, 'audit', 'list', '-c', file)).stdout, 'Nothing was done.\n')
  for (const args of [
    ['--since', 'yesterday'],
    ['--until', '2030-99-99'],
    ['--limit', '0'],
    ['--limit', '99999999'],
  ]) {
    assert.equal((await runCli(folder, 'audit', 'list', '-c', file, ...args)).status, 2, args.join(' '))
  }
})
