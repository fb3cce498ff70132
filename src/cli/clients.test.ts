import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { CommanderError } from 'commander'
import { digestSecret } from '../crypto/digest.ts'
import { compareSecrets } from '../identity/clients/compare-secrets.ts'
import { openAudit } from '../runtime/audited.ts'
import { createClientStore } from '../stores/client-store.ts'
import { openSqliteStore } from '../stores/sqlite/sqlite-store.ts'
import { createClientsCommand } from './clients.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-clients-cli-'))
const hour = 3_600_000
let now = 1_800_000_000_000
let count = 0
let path = ''

beforeEach(() => {
  path = join(folder, `${count++}.db`)
})
after(() => rmSync(folder, { recursive: true }))

async function run(...argv: string[]) {
  const ran = { out: '', error: '', exit: 0 }
  const note = (key: 'out' | 'error') => (text: string) => {
    ran[key] += `${text}\n`
  }
  const command = createClientsCommand({
    open: () => openSqliteStore({ path }),
    readIssuer: async () => ({ clients: ['of-the-file'], resources: ['urn:stock'] }),
    readIdentity: async () => null,
    openIdentity: () => Promise.reject(new Error('there is none')),
    input: () => process.stdin,
    now: () => now,
    print: note('out'),
    printError: note('error'),
    exit: (code) => {
      ran.exit = code
    },
  })
  for (const one of [command, ...command.commands]) {
    one.exitOverride().configureOutput({ writeOut: note('out'), writeErr: note('error') })
  }
  try {
    await command.parseAsync(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    ran.exit = error.exitCode === 0 ? 0 : 2
  }
  return ran
}

async function find(id: string) {
  const store = await openSqliteStore({ path })
  const client = await createClientStore(store.db).find(id)
  store.close()
  return client
}

test('a secret is shown once and stored as a digest', async () => {
  const added = await run('add', 'batch', '--grant', 'clientCredentials', '--scope', 'orders:read', '--role', 'job')
  assert.equal(added.exit, 0, added.error)
  const [secret = ''] = /pcs_\S+/.exec(added.out) ?? []
  assert.equal((await find('batch'))?.secrets[0]?.digest, digestSecret(secret))
  for (const end of ['', '-wal']) assert.ok(!readSafely(path + end).includes(secret))
  for (const argv of [['list'], ['show', 'batch'], ['list', '--json']]) {
    const { out } = await run(...argv)
    assert.match(out, /batch[\s\S]*orders:read/)
    assert.ok(!out.includes(secret) && !out.includes(digestSecret(secret)))
  }
})

test('a device needs no redirect address; its client has no secret', async () => {
  const added = await run('add', 'tv', '--public', '--grant', 'deviceCode', '--grant', 'refreshToken')
  assert.equal(added.exit, 0, added.error)
  const client = await find('tv')
  assert.deepEqual([client?.settings.grants, client?.secrets], [['deviceCode', 'refreshToken'], []])
  assert.equal((await run('add', 'machine', '--grant', 'clientCredentials', '--grant', 'refreshToken')).exit, 2)
})

test('after a rotation both secrets open for a while, then only the new one', async () => {
  const { secret: before } = JSON.parse((await run('add', 'batch', '--grant', 'clientCredentials', '--json')).out)
  const { secret: behind } = JSON.parse((await run('rotate', 'batch', '--overlap', '1h', '--json')).out)
  const opens = async (secret: string, at: number) => compareSecrets((await find('batch'))?.secrets ?? [], secret, at)
  assert.deepEqual([await opens(before, now), await opens(behind, now)], [true, true])
  assert.deepEqual([await opens(before, now + hour), await opens(behind, now + hour)], [false, true])
  assert.match((await run('show', 'batch')).out, /oldSecretUntil/)
  await run('rotate', 'batch', '--overlap', '0s')
  assert.deepEqual([await opens(before, now), await opens(behind, now)], [false, false])
  now += 1
})

test('a public client has no secret, and is for people', async () => {
  const added = await run('add', 'cli', '--public', '--redirect', 'http://127.0.0.1/callback')
  assert.equal(added.exit, 0, added.error)
  assert.ok(!added.out.includes('pcs_'))
  assert.equal((await run('rotate', 'cli')).exit, 1)
  const machine = await run('add', 'other', '--public', '--grant', 'clientCredentials')
  assert.equal(machine.exit, 2)
  assert.match(machine.error, /anybody could be this client/)
})

test('a client with keys has no secret, and what it keeps is public', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const file = join(folder, 'billing.jwk.json')
  writeFileSync(file, JSON.stringify(publicKey.export({ format: 'jwk' })))
  const added = await run('add', 'billing', '--grant', 'clientCredentials', '--keys', file)
  assert.equal(added.exit, 0, added.error)
  assert.ok(!added.out.includes('pcs_'))
  assert.deepEqual((await find('billing'))?.settings.keys, { jwks: [publicKey.export({ format: 'jwk' })] })
  const published = await run(
    'add',
    'far',
    '--grant',
    'clientCredentials',
    '--keys',
    'https://far.example.com/jwks.json',
  )
  assert.equal(published.exit, 0, published.error)
  assert.match((await run('show', 'far')).out, /private_key_jwt[\s\S]*https:\/\/far\.example\.com\/jwks\.json/)
  writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }))
  for (const keys of [file, join(folder, 'none.json'), 'http://far.example.com/jwks.json']) {
    assert.equal((await run('add', 'other', '--grant', 'clientCredentials', '--keys', keys)).exit, 2, keys)
  }
})

test('an invitation is shown once and stored as a digest', async () => {
  const { out, exit, error } = await run('invite', '--uses', '3', '--expires', '2h', '--json')
  assert.equal(exit, 0, error)
  const { invitation, uses, expiresAt } = JSON.parse(out)
  assert.match(invitation, /^pci_[A-Za-z0-9]{43}$/)
  assert.deepEqual([uses, expiresAt], [3, new Date(now + 2 * hour).toISOString()])
  for (const end of ['', '-wal']) assert.ok(!readSafely(path + end).includes(invitation))
  const store = await openSqliteStore({ path })
  const rows = await store.db.selectFrom('client_invitations').selectAll().execute()
  const [event] = await openAudit(store.db).list({ limit: 1 })
  store.close()
  assert.deepEqual(
    rows.map(({ digest, uses_left }) => [digest, uses_left]),
    [[digestSecret(invitation), 3]],
  )
  assert.equal(event?.action, 'client-invitation-created')
  for (const count of ['0', '-1', '1001', 'x']) assert.equal((await run('invite', '--uses', count)).exit, 2, count)
})

test('what the rules of the policy file refuse is refused', async () => {
  for (const [argv, message] of [
    [['add', 'a', '--redirect', 'http://app.example.com/cb'], /must begin with https/],
    [['add', 'a', '--redirect', 'https://*.example.com/cb'], /no wildcards/],
    [['add', 'a', '--grant', 'password'], /grants/],
    [['add', 'a'], /redirectUris/],
    [['add', 'a b', '--grant', 'clientCredentials'], /letters, digits/],
  ] as const) {
    const { exit, error } = await run(...argv)
    assert.equal(exit, 2, argv.join(' '))
    assert.match(error, message)
  }
  assert.match((await run('add', 'of-the-file', '--grant', 'clientCredentials')).error, /policy file has a client/)
  for (const command of ['show', 'rotate', 'disable', 'remove']) {
    const { exit, error } = await run(command, 'of-the-file')
    assert.equal(exit, 1)
    assert.match(error, /"of-the-file" stands in the policy file: change it there/)
  }
})

test('what is not there is said, and everything that was done is told in the trail', async () => {
  for (const argv of [
    ['show', 'none'],
    ['rotate', 'none'],
    ['remove', 'none'],
  ]) {
    const { exit, error } = await run(...argv)
    assert.equal(exit, 1)
    assert.match(error, /There is no client "none"/)
  }
  await run('add', 'batch', '--grant', 'clientCredentials')
  assert.equal((await run('add', 'batch', '--grant', 'clientCredentials')).exit, 1)
  await run('rotate', 'batch')
  await run('remove', 'batch')
  const store = await openSqliteStore({ path })
  const events = await openAudit(store.db).list({ limit: 10 })
  store.close()
  assert.deepEqual(events.map(({ action }) => action).sort(), ['client-created', 'client-removed', 'client-rotated'])
  assert.ok(!JSON.stringify(events).includes('pcs_'))
})

function readSafely(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}

test('what a client may do is changed, and the rest of it stays', async () => {
  const { secret } = JSON.parse((await run('add', 'batch', '--type', 'machine', '--scope', 'a', '--json')).out)
  assert.equal((await run('update', 'batch', '--scope', 'b', '--resource', 'urn:stock')).exit, 0)
  const shown = JSON.parse((await run('show', 'batch', '--json')).out)
  assert.deepEqual([shown.scopes, shown.resources, shown.grants], [['b'], ['urn:stock'], ['clientCredentials']])
  assert.deepEqual([shown.kind, shown.status], ['machine', 'active'])
  assert.equal(compareSecrets((await find('batch'))?.secrets ?? [], secret, now), true)
  await run('update', 'batch', '--clear', 'resources', '--name', 'Nightly')
  assert.equal((await find('batch'))?.settings.resources, undefined)
  assert.equal((await find('batch'))?.settings.name, 'Nightly')
  for (const [argv, exit, problem] of [
    [['update', 'batch'], 2, /Nothing to change/],
    [
      ['update', 'batch', '--resource', 'urn:stok'],
      1,
      /"urn:stok" is the identifier of no resource; there are urn:stock/,
    ],
    [['update', 'batch', '--grant', 'authorizationCode'], 1, /left as it is\. redirectUris/],
    [['update', 'batch', '--grant', 'everything'], 1, /left as it is\. grants/],
    [['update', 'nobody', '--scope', 'a'], 1, /There is no client "nobody"/],
    [['update', 'batch', '--clear', 'everything'], 2, /Allowed choices/],
    [['add', 'x', '--type', 'machine', '--redirect', 'https://x.example/cb'], 2, /A machine has the grant/],
  ] as const) {
    const ran = await run(...argv)
    assert.equal(ran.exit, exit, argv.join(' '))
    assert.match(ran.error, problem)
  }
})

test('a client is disabled and enabled, with its secrets', async () => {
  await run('add', 'batch', '--type', 'machine')
  const before = await find('batch')
  assert.match((await run('disable', 'batch')).out, /is disabled/)
  assert.match((await run('disable', 'batch')).out, /before/)
  assert.equal((await find('batch'))?.settings.disabled, true)
  assert.equal(JSON.parse((await run('show', 'batch', '--json')).out).status, 'disabled')
  assert.match((await run('list')).out, /^batch .* disabled /m)
  await run('update', 'batch', '--scope', 'a')
  assert.equal((await find('batch'))?.settings.disabled, true, 'a change does not enable it')
  await run('update', 'batch', '--clear', 'scopes')
  await run('enable', 'batch')
  assert.deepEqual(await find('batch'), before)
})

test('a client for which people need two factors', async () => {
  assert.equal((await run('add', 'vault', '--redirect', 'https://vault.example/cb', '--acr', 'aal2')).exit, 0)
  assert.equal((await find('vault'))?.settings.acr, 'aal2')
  await run('update', 'vault', '--clear', 'acr')
  assert.equal((await find('vault'))?.settings.acr, undefined)
  assert.equal((await run('update', 'vault', '--acr', 'aal3')).exit, 2)
  assert.match((await run('add', 'batch', '--type', 'machine', '--acr', 'aal2')).error, /needs a grant for people/)
})

test('clients of a tenant are its own', async () => {
  await run('add', 'batch', '--type', 'machine', '--tenant', 'north')
  assert.equal((await run('show', 'batch')).exit, 1)
  assert.equal(JSON.parse((await run('show', 'batch', '--tenant', 'north', '--json')).out).tenant, 'north')
  assert.equal((await run('add', 'batch', '--type', 'machine')).exit, 0)
  assert.equal((await run('remove', 'batch', '--tenant', 'south')).exit, 1)
  assert.equal((await run('rotate', 'batch', '--tenant', 'north')).exit, 0)
  assert.equal((await run('remove', 'batch', '--tenant', 'north')).exit, 0)
  assert.equal(JSON.parse((await run('list', '--json')).out).length, 1)
})
