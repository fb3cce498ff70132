import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { describeOnPostgres } from '../../test/support/postgres.ts'
import { runCli } from '../../test/support/run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-audit-'))
after(() => rmSync(folder, { recursive: true }))

const issuers = 'issuers: { main: { issuer: "https://login.example.com/", audience: shop } }\n'

function writeFile(name: string, data: string): string {
  writeFileSync(join(folder, name), `version: 1\nlisten: { https: { certificate: dev } }\ndata: ${data}\n${issuers}`)
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

async function tellsOfRolesAndTokens(file: string) {
  await json('roles', 'create', 'auditor', '-c', file, '--permission', 'orders:read')
  const holder = ['--principal', 'https://login.example.com/|alice']
  await json('roles', 'grant', 'auditor', '-c', file, ...holder)
  // Nothing changes, nothing is told.
  await json('roles', 'grant', 'auditor', '-c', file, ...holder)
  await json('roles', 'revoke', 'auditor', '-c', file, ...holder)
  await json('roles', 'remove', 'auditor', '-c', file)
  const issuer = 'https://login.example.com/'
  await json('tokens', 'revoke', '-c', file, '--issuer', issuer, '--subject', 'alice', '--reason', 'left')
  await json('tokens', 'revoke', '-c', file, '--issuer', issuer, '--jti', 'token-1')
  const events = await json('audit', 'list', '-c', file, '--since', '1h')
  const told = events.filter(({ action }: Record<string, string>) => !action?.startsWith('api-key'))
  assert.deepEqual(
    told.map(({ action, subject }: Record<string, string>) => [action, subject]),
    [
      ['token-revoked', 'token-1'],
      ['subject-tokens-revoked', 'alice'],
      ['role-removed', 'auditor'],
      ['role-revoked', 'auditor'],
      ['role-granted', 'auditor'],
      ['role-created', 'auditor'],
    ],
  )
  assert.equal(told[1].detail.reason, 'left')
  assert.deepEqual(told[4].detail, { holder: 'principal', issuer, id: 'alice' })
  assert.deepEqual(told[5].detail.permissions, ['orders:read'])
}

test('on SQLite: what the command line did to keys, roles and tokens is told', async () => {
  const file = writeFile('sqlite.yaml', 'sqlite:data/x.db')
  await tellsOfKeys(file)
  await tellsOfRolesAndTokens(file)
})

describeOnPostgres('audit on PostgreSQL', (server) => {
  test('what the command line did to keys, roles and tokens is told', async () => {
    const file = writeFile('postgres.yaml', await server().createDatabase())
    await tellsOfKeys(file)
    await tellsOfRolesAndTokens(file)
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
