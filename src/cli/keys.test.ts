import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, beforeEach, test } from 'node:test'
import { CommanderError } from 'commander'
import { createApiKey, parseApiKey } from '../crypto/api-key.ts'
import { digestSecret } from '../crypto/digest.ts'
import { openSqliteStore } from '../stores/sqlite/sqlite-store.ts'
import { createKeysCommand } from './keys.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-keys-'))
const start = Date.UTC(2030, 0, 1)
const day = 86_400_000
let count = 0
let path = ''
let clock = start
let input = ''

beforeEach(() => {
  path = join(folder, `${count++}.db`)
  clock = start
})

after(() => rmSync(folder, { recursive: true }))

/** Runs `portcullis keys …` as a person would type it. */
async function keys(...argv: string[]) {
  const ran = { out: '', error: '', exit: 0 }
  const command = createKeysCommand({
    open: (configPath) => {
      assert.equal(configPath, 'portcullis.yaml')
      return openSqliteStore({ path, lockTimeoutMs: 100 })
    },
    input: async function* () {
      yield Buffer.from(input)
    },
    now: () => clock,
    print: (text) => {
      ran.out += `${text}\n`
    },
    printError: (text) => {
      ran.error += `${text}\n`
    },
    exit: (code) => {
      ran.exit = code
    },
  })
  for (const one of [command, ...command.commands]) {
    one.exitOverride().configureOutput({
      writeOut: (text) => {
        ran.out += text
      },
      writeErr: (text) => {
        ran.error += text
      },
    })
  }
  try {
    await command.parseAsync(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    ran.exit = error.exitCode === 0 ? 0 : 2
  }
  return ran
}

async function keysJson(...argv: string[]) {
  const { out, error, exit } = await keys(...argv, '--json')
  assert.equal(error, '')
  assert.equal(exit, 0)
  return JSON.parse(out)
}

test('create prints a key that the store knows by its digest only', async () => {
  const created = await keysJson(
    ...['create', '--owner', 'shop', '--name', 'deploy', '--tenant', 'north', '--role', 'customer', '--role', 'admin'],
    ...['--scope', 'orders:read', '--expires', '90d', '--cidr', '10.0.0.0/8', '--cidr', '2001:db8::/32'],
  )
  assert.equal(parseApiKey(created.key), created.id)
  assert.deepEqual(
    { ...created, key: null, id: null },
    {
      key: null,
      id: null,
      owner: 'shop',
      name: 'deploy',
      tenant: 'north',
      roles: ['customer', 'admin'],
      scopes: ['orders:read'],
      cidrs: ['10.0.0.0/8', '2001:db8::/32'],
      status: 'active',
      environment: null,
      metadata: {},
      usesLeft: null,
      rateLimit: null,
      quota: null,
      createdAt: '2030-01-01T00:00:00Z',
      expiresAt: '2030-04-01T00:00:00Z',
      disabledAt: null,
      revokedAt: null,
      lastUsedAt: null,
      rotatedAt: null,
      overlapUntil: null,
    },
  )
  const store = await openSqliteStore({ path })
  assert.equal((await store.keys.find(created.id))?.secrets[0]?.digest, digestSecret(created.key))
  store.close()
})

test('a key is shown once, and nothing else shows a secret or its digest', async () => {
  const { out } = await keys('create', '--owner', 'shop')
  const [key] = out.match(/pck_\w+/) ?? []
  assert.ok(key)
  assert.match(out, /shown this once/)
  const id = parseApiKey(key) as string
  for (const argv of [['list'], ['list', '--json'], ['show', id], ['show', id, '--json'], ['revoke', id, '--json']]) {
    const seen = (await keys(...argv)).out
    assert.ok(seen.includes(id))
    assert.doesNotMatch(seen, /pck_/)
    assert.equal(seen.includes(digestSecret(key)), false)
  }
})

test('list tells keys apart in a table', async () => {
  assert.equal((await keys('list')).out, 'There are no keys.\n')
  const first = await keysJson('create', '--owner', 'shop', '--name', 'deploy', '--role', 'customer', '--expires', '1d')
  const second = await keysJson('create', '--owner', 'partner')
  await keys('revoke', second.id)
  clock += 2 * day
  const lines = (await keys('list')).out.trimEnd().split('\n')
  assert.match(lines[0] as string, /^ID +OWNER +NAME +ENVIRONMENT +ROLES +STATUS +EXPIRES +LAST USED$/)
  const line = (id: string) => lines.find((text) => text.startsWith(id))
  assert.match(line(first.id) as string, /shop +deploy +- +customer +expired +2030-01-02 00:00Z +never$/)
  assert.match(line(second.id) as string, /partner +- +- +- +revoked +never +never$/)
  assert.deepEqual(
    (await keysJson('list', '--owner', 'partner')).map(({ id }: { id: string }) => id),
    [second.id],
  )
})

test('rotate shows a new secret of the same key, and how long the old one works', async () => {
  const { id, key } = await keysJson('create', '--owner', 'shop', '--expires', '10d')
  clock += day
  const rotated = await keysJson('rotate', id)
  assert.equal(rotated.id, id)
  assert.notEqual(rotated.key, key)
  assert.equal(parseApiKey(rotated.key), id)
  assert.equal(rotated.overlapUntil, '2030-01-03T00:00:00Z')
  assert.equal(rotated.rotatedAt, '2030-01-02T00:00:00Z')
  assert.equal(rotated.expiresAt, '2030-01-11T00:00:00Z')
  const renewed = await keysJson('rotate', id, '--overlap', '30d', '--expires', '90d')
  assert.equal(renewed.expiresAt, '2030-04-02T00:00:00Z')
  assert.equal(renewed.overlapUntil, '2030-01-11T00:00:00Z', 'no longer than the key lived before')
  const cut = await keysJson('rotate', id, '--overlap', '0s')
  assert.equal(cut.overlapUntil, null)
})

test('limits, environment and metadata are given, shown, changed and taken away', async () => {
  const { id } = await keysJson(
    ...['create', '--owner', 'shop', '--environment', 'test', '--metadata', '{"plan":"gold"}', '--uses', '1000'],
    ...['--rate-limit', '10/s', '--quota', '50000/30d'],
  )
  const limits = {
    environment: 'test',
    metadata: { plan: 'gold' },
    usesLeft: 1000,
    rateLimit: '10/1s',
    quota: '50000/30d',
  }
  assert.partialDeepStrictEqual(await keysJson('show', id), limits)
  assert.match((await keys('show', id)).out, /^Uses left +1000$/m)
  const changed = await keysJson('update', id, '--role', 'auditor', '--uses', '5', '--clear', 'quota', 'metadata')
  assert.partialDeepStrictEqual(changed, { ...limits, metadata: {}, quota: null, usesLeft: 5, roles: ['auditor'] })
  assert.deepEqual(await keysJson('list', '--environment', 'live'), [])
  assert.equal((await keysJson('list', '--environment', 'test')).length, 1)
  for (const argv of [
    ['update', id],
    ['update', id, '--uses', '1', '--clear', 'uses'],
  ]) {
    assert.equal((await keys(...argv)).exit, 2)
  }
  await keys('revoke', id)
  assert.match((await keys('update', id, '--expires', '90d')).error, /has ended/)
})

test('a key is disabled and enabled again; a revoked one is not', async () => {
  const { id } = await keysJson('create', '--owner', 'shop')
  assert.equal((await keys('disable', id)).out, `The key ${id} of shop is disabled.\n`)
  assert.equal((await keys('disable', id)).out, 'It was disabled before.\n')
  assert.equal((await keysJson('show', id)).status, 'disabled')
  assert.equal((await keysJson('enable', id)).status, 'active')
  await keys('revoke', id)
  const { error, exit } = await keys('enable', id)
  assert.equal(exit, 1)
  assert.match(error, /is revoked, which cannot be undone/)
})

test('keys that end soon are listed', async () => {
  const soon = await keysJson('create', '--owner', 'shop', '--expires', '10d')
  await keys('create', '--owner', 'shop', '--expires', '90d')
  await keys('create', '--owner', 'shop')
  const ids = (await keysJson('list', '--expiring', '14d')).map(({ id }: { id: string }) => id)
  assert.deepEqual(ids, [soon.id])
  assert.equal((await keys('list', '--expiring', '1d')).out, 'No key ends in that time.\n')
  clock += 11 * day
  assert.deepEqual(await keysJson('list', '--expiring', '14d'), [], 'what has ended is past warning')
})

test('identify names the keys in a text by what became of them, and shows no secret', async () => {
  const issue = (name: string) => keysJson('create', '--owner', 'shop', '--name', name)
  const [works, revoked, rotated] = [await issue('a'), await issue('b'), await issue('c')]
  await keys('revoke', revoked.id)
  await keys('rotate', rotated.id, '--overlap', '0s')
  const stranger = createApiKey()
  input = `found:\n"${works.key}"\n${revoked.key} ${rotated.key}x ${works.key}\n${stranger.text}`
  const found = await keys('identify')
  assert.equal(found.exit, 1)
  assert.deepEqual(found.out.trimEnd().split('\n'), [
    `${works.id}  of shop, a: WORKS, line 2 and 1 more`,
    `${revoked.id}  of shop, b: revoked, line 3`,
    `${rotated.id}  of shop, c: this secret does not work (the key has others), line 3`,
    `${stranger.id}  not in this store, line 4`,
  ])
  const ended = await keys('identify', '--revoke', '--json')
  assert.deepEqual(
    JSON.parse(ended.out).map(({ id, state, revokedNow }: Record<string, unknown>) => [id, state, revokedNow]),
    [
      [works.id, 'revoked', true],
      [revoked.id, 'revoked', false],
      [rotated.id, 'replaced', false],
      [stranger.id, 'unknown', false],
    ],
  )
  assert.equal((await keysJson('show', rotated.id)).status, 'active', 'a secret that does not work ends no key')
  const offline = await keys('identify', '--offline')
  assert.match(offline.out, new RegExp(`^${works.id} {2}a key by its form and checksum`))
  for (const { out, error } of [found, ended, offline]) {
    for (const { key } of [works, revoked, rotated]) assert.equal((out + error).includes(key.slice(17)), false)
  }
  assert.equal((await keys('identify', '--offline', '--revoke')).exit, 2)
  input = `nothing of ours: pck_${'a'.repeat(12)}_${'b'.repeat(49)}`
  assert.deepEqual(await keys('identify'), { out: 'No API key is in the text.\n', error: '', exit: 0 })
})

test('an import adds all or nothing of a batch, names wrong lines, and goes on where it was cut off', async () => {
  const file = join(folder, 'keys.jsonl')
  const line = (n: number, more = {}) => JSON.stringify({ hash: digestSecret(`key ${n}`), owner: 'shop', ...more })
  const lines = Array.from({ length: 5500 }, (_, i) => line(i, { roles: ['customer'], usesLeft: 3, rateLimit: '5/s' }))
  const wrong = lines.with(5200, '{"hash":"secret","owner":"shop"}').with(5300, line(7, { rols: [] }))
  writeFileSync(file, wrong.join('\n'))
  const cut = await keys('import', file)
  assert.equal(cut.exit, 1)
  assert.match(
    cut.error,
    /^line 5201: hash: It is not a SHA-256 in hex .*\nline 5301: unknown field "rols"; did you mean roles\?\n/,
  )
  assert.match(cut.error, /Of those before, 5000 were added/)
  assert.equal((await keysJson('list')).length, 5000)
  writeFileSync(file, lines.join('\n'))
  assert.deepEqual(await keysJson('import', file), { added: 500, present: 5000 })
  assert.deepEqual(await keysJson('import', file), { added: 0, present: 5500 })
  writeFileSync(file, line(3, { id: 'ZZZZZZZZZZZZ' }))
  assert.match((await keys('import', file)).error, /line 1: its hash belongs to another key/)
})

test('an import reads CSV from standard input, and says what it cannot read', async () => {
  const hash = digestSecret('sk_live_1')
  const row = `KeyNumber001,${hash.toUpperCase()},"shop, ""north""",a b,"{""plan"":1}",2031-01-31`
  input = `id,hash,owner,roles,metadata,expiresAt\r\n${row}\r\n`
  assert.deepEqual(await keysJson('import', '-', '--format', 'csv'), { added: 1, present: 0 })
  assert.partialDeepStrictEqual(await keysJson('show', 'KeyNumber001'), {
    owner: 'shop, "north"',
    roles: ['a', 'b'],
    metadata: { plan: 1 },
    expiresAt: '2031-01-31T00:00:00Z',
    status: 'active',
  })
  const cases: [string, RegExp][] = [
    [`hash,owner\n${hash}`, /line 2: it has 1 fields, the first line names 2/],
    [`hash,owner\n"${hash},shop`, /line 2: a quote is not closed/],
    [`hash\n${hash}`, /line 2: owner is missing/],
    ['owner\nshop', /line 2: hash is missing/],
    [`id,hash,owner\nk-1,${hash},shop`, /line 2: id: It is not an id of 12 letters and digits/],
    [`hash,owner\n${'x'.repeat(70_000)},shop`, /after line 1: a line is longer than 65536/],
  ]
  for (const [text, message] of cases) {
    input = text
    const { error, exit } = await keys('import', '-', '--format', 'csv')
    assert.equal(exit, 1)
    assert.match(error, message)
  }
  assert.match((await keys('import', join(folder, 'nowhere.csv'))).error, /^ENOENT/)
})

test('100 000 keys are imported in seconds', async (t) => {
  const file = join(folder, 'many.jsonl')
  const lines = Array.from({ length: 100_000 }, (_, i) =>
    JSON.stringify({ hash: digestSecret(`key ${i}`), owner: `owner-${i % 100}`, roles: ['customer'] }),
  )
  writeFileSync(file, lines.join('\n'))
  const started = performance.now()
  assert.deepEqual(await keysJson('import', file), { added: 100_000, present: 0 })
  const seconds = (performance.now() - started) / 1000
  t.diagnostic(`${seconds.toFixed(1)} s`)
  // Eight seconds on an idle machine; a row at a time takes minutes.
  assert.ok(seconds < 90, `${seconds} s`)
})

test('what has ended is not rotated, and revoking twice is said', async () => {
  const { id } = await keysJson('create', '--owner', 'shop')
  const { out, exit } = await keys('revoke', id)
  assert.equal(exit, 0)
  assert.equal(out, `The key ${id} of shop is revoked.\n`)
  const again = await keys('revoke', id)
  assert.equal(again.exit, 0)
  assert.match(again.out, /revoked before/)
  const rotated = await keys('rotate', id)
  assert.equal(rotated.exit, 1)
  assert.match(rotated.error, /has ended: create a new one/)
})

test('a whole key stands for its id, and is not repeated', async () => {
  const { id, key } = await keysJson('create', '--owner', 'shop')
  assert.equal((await keys('revoke', key)).out, `The key ${id} of shop is revoked.\n`)
  const unknown = await keys('show', key.replace(id, 'AAAAAAAAAAAA'))
  assert.equal(unknown.exit, 1)
  assert.match(unknown.error, /no key "AAAAAAAAAAAA"/)
  assert.equal(unknown.error.includes(key.slice(20)), false)
})

test('an unknown id is answered with what may have been meant', async () => {
  const { id } = await keysJson('create', '--owner', 'shop', '--name', 'deploy')
  const typo = `${id.slice(0, 4)}${id.slice(5, 6)}${id.slice(4, 5)}${id.slice(6)}`
  const near = typo === id ? id.slice(0, -1) : typo
  for (const argv of [
    ['show', near],
    ['rotate', near],
    ['revoke', near],
    ['show', 'shop'],
    ['revoke', 'deploy'],
  ]) {
    const { error, exit, out } = await keys(...argv)
    assert.equal(exit, 1)
    assert.equal(out, '')
    assert.match(error, new RegExp(`There is no key .*Did you mean ${id}`))
  }
  const { error } = await keys('show', 'zzzzzzzzzzzz')
  assert.match(error, /There is no key "zzzzzzzzzzzz"\. `portcullis keys list`/)
})

test('wrong use is answered with what is wrong', async () => {
  const { id } = await keysJson('create', '--owner', 'shop')
  const cases: [string[], RegExp][] = [
    [['create'], /required option '--owner/],
    [['create', '--owner', ' '], /It is empty/],
    [['create', '--owner', 'a\u001b[2J'], /cannot be printed/],
    [['create', '--owner', 'a'.repeat(201)], /longer than 200/],
    [['create', '--owner', 'a', '--expires', 'soon'], /not a duration such as 12h or 90d/],
    [['create', '--owner', 'a', '--expires', '0s'], /of no use/],
    [['create', '--owner', 'a', '--uses', '0'], /of no use/],
    [['create', '--owner', 'a', '--expires', '-1d'], /not a duration/],
    [['create', '--owner', 'a', '--expires', '99999d'], /longer than ten years/],
    [['create', '--owner', 'a', '--cidr', '10.0.0.0/33'], /not an address or a network/],
    [['create', '--owner', 'a', '--role', 'a b'], /once for each/],
    [['rotate', id, '--overlap', '1 fortnight'], /not a duration/],
    [['rotate'], /missing required argument/],
    [['show', id, 'more'], /too many arguments/],
    [['list', '--nope'], /unknown option/],
    [['create', '--owner', 'a', '--environment', 'a b'], /not a name of letters/],
    [['create', '--owner', 'a', '--metadata', '[]'], /not a JSON object/],
    [['create', '--owner', 'a', '--metadata', '{"__proto__":{}}'], /"__proto__"/],
    [['create', '--owner', 'a', '--metadata', JSON.stringify({ a: 'b'.repeat(4096) })], /longer than 4096/],
    [['create', '--owner', 'a', '--uses', '-1'], /not a whole number/],
    [['create', '--owner', 'a', '--rate-limit', 'fast'], /not a rate such as/],
    [['create', '--owner', 'a', '--quota', '5/60d'], /longer than 31 days/],
    [['update', id, '--clear', 'owner'], /Allowed choices are name/],
    [['remove', id], /unknown command/],
  ]
  for (const [argv, message] of cases) {
    const { error, exit } = await keys(...argv)
    assert.equal(exit, 2, argv.join(' '))
    assert.match(error, message, argv.join(' '))
  }
  assert.equal((await keysJson('list')).length, 1)
})

test('a locked, corrupt or impossible store is said in one line', async () => {
  await keys('create', '--owner', 'shop')
  const stranger = new DatabaseSync(path)
  stranger.exec('begin immediate')
  const { error, exit, out } = await keys('create', '--owner', 'shop')
  assert.equal(exit, 1)
  assert.equal(out, '')
  assert.match(error, /^the store .* is locked by another process: .*\n$/)
  assert.equal((await keys('list')).exit, 0, 'reading goes on')
  stranger.exec('rollback')
  stranger.close()
  path = folder
  assert.match((await keys('list')).error, /^the store .* does not name a file\n$/)
  path = join(folder, 'notes.txt')
  writeFileSync(path, 'no database\n'.repeat(100))
  const corrupt = await keys('revoke', 'abc')
  assert.equal(corrupt.exit, 1)
  assert.match(corrupt.error, /^the store .* is corrupt or not a Portcullis database; restore it .*\n$/)
})

test('what a database holds cannot move the cursor', async () => {
  const { id } = await keysJson('create', '--owner', 'shop')
  const stranger = new DatabaseSync(path)
  stranger.prepare('update api_keys set owner = ? where id = ?').run('evil\u001b[2J\u202e\nx', id)
  stranger.close()
  for (const { out } of [await keys('list'), await keys('show', id)]) {
    assert.match(out, /evil\?\[2J\?\?x/)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there
    assert.doesNotMatch(out, /[\u001b\u202e]/)
  }
})

test('it finds the store through the policy file, and says what is wrong with the file', () => {
  const site = join(folder, 'site')
  mkdirSync(site)
  const file = `version: 1
listen:
  https: { port: 0, certificate: dev }
data: sqlite:keys/portcullis.db
upstreams:
  shop: { targets: [http://127.0.0.1:3000] }
routes:
  - path: /orders
    methods: [GET]
    upstream: shop
    authenticate: [apiKey]
`
  writeFileSync(join(site, 'portcullis.yaml'), file)
  writeFileSync(join(site, 'wrong.yaml'), file.replace('authenticate', 'authentcate'))
  const command = JSON.stringify(new URL('./keys.ts', import.meta.url).href)
  const run = (...argv: string[]) =>
    spawnSync(
      process.execPath,
      [
        ...['--conditions=source', '--input-type=module', '-e'],
        `const { createKeysCommand } = await import(${command}); await createKeysCommand().parseAsync()`,
        ...['--', ...argv],
      ],
      { cwd: site, encoding: 'utf8' },
    )
  const created = run('create', '--owner', 'shop', '--json')
  assert.equal(created.status, 0, created.stderr)
  assert.ok(existsSync(join(site, 'keys', 'portcullis.db')))
  const { id } = JSON.parse(created.stdout)
  assert.match(run('list').stdout, new RegExp(`^${id} `, 'm'))
  assert.equal(run('revoke', id).status, 0)
  const wrong = run('list', '--config', 'wrong.yaml')
  assert.equal(wrong.status, 2)
  assert.match(wrong.stderr, /wrong\.yaml:11:5: unknown key "authentcate"/)
  assert.equal(run('list', '--config', 'missing.yaml').status, 2)
})
