import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { CommanderError } from 'commander'
import { createPasswordHasher } from '../crypto/passwords/password-hasher.ts'
import { openAudit } from '../runtime/audited.ts'
import { createConnectionStore } from '../runtime/connection-store.ts'
import { createAttemptStore } from '../stores/attempt-store.ts'
import { addFactor } from '../stores/factor-store.ts'
import { openSqliteStore } from '../stores/sqlite/sqlite-store.ts'
import { readFirstLine, readPassword } from './users/read-password.ts'
import { createUsersCommand } from './users.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-users-'))
const start = Date.UTC(2030, 0, 1)
const good = 'a sentence of several words'
let count = 0
let path = ''
let clock = start
let input = ''

beforeEach(() => {
  path = join(folder, `${count++}.db`)
  clock = start
  input = good
})

after(() => rmSync(folder, { recursive: true }))

/** Runs `portcullis users …` as a person would type it. */
async function users(...argv: string[]) {
  const ran = { out: '', error: '', exit: 0 }
  async function* stdin() {
    yield Buffer.from(input)
  }
  const command = createUsersCommand({
    open: () => openSqliteStore({ path, lockTimeoutMs: 100 }),
    input: stdin,
    readIdentity: async () => null,
    openIdentity: () => Promise.reject(new Error('there is none')),
    createResetMail: async () => null,
    readPassword: () => readFirstLine(stdin()),
    openHasher: async () => createPasswordHasher({ threads: 1 }),
    now: () => ++clock,
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

async function usersJson(...argv: string[]) {
  const { out, error, exit } = await users(...argv, '--json')
  assert.equal(error, '')
  assert.equal(exit, 0, out)
  return JSON.parse(out)
}

async function withStore<T>(work: (store: Awaited<ReturnType<typeof openSqliteStore>>) => Promise<T>): Promise<T> {
  const store = await openSqliteStore({ path })
  try {
    return await work(store)
  } finally {
    store.close()
  }
}

test('an account lives: created, listed, changed, disabled, enabled, removed, and all of it is in the audit trail', async () => {
  const created = await usersJson(
    ...[
      'create',
      'Ann',
      '--tenant',
      'north',
      '--role',
      'customer',
      '--scope',
      'orders:read',
      '--attributes',
      '{"a":1}',
    ],
  )
  assert.equal(created.username, 'ann')
  assert.deepEqual([created.tenant, created.roles, created.scopes], ['north', ['customer'], ['orders:read']])
  assert.deepEqual([created.status, created.hash, created.attributes], ['active', 'argon2id', { a: 1 }])
  const of = ['ann', '--tenant', 'north']
  assert.deepEqual(await usersJson('show', ...of), { ...created, connections: [] })
  assert.equal((await usersJson('list')).length, 1)
  assert.equal((await usersJson('list', '--tenant', 'south')).length, 0)
  assert.deepEqual((await usersJson('update', ...of, '--role', 'admin')).roles, ['admin'])
  assert.equal((await usersJson('update', ...of, '--rename', 'anna')).username, 'anna')
  of[0] = 'anna'
  input = 'quite another sentence'
  const changed = await usersJson('password', ...of)
  assert.notEqual(changed.passwordChangedAt, created.passwordChangedAt)
  assert.equal((await usersJson('disable', ...of)).status, 'disabled')
  assert.equal((await usersJson('enable', ...of)).status, 'active')
  assert.equal((await usersJson('password', ...of, '--remove')).status, 'no password')
  await usersJson('remove', ...of)
  assert.equal((await users('show', ...of)).exit, 1)
  const events = await withStore(({ db }) => openAudit(db).list({ limit: 50 }))
  assert.deepEqual(events.map(({ action }) => action).reverse(), [
    ...['account-created', 'account-changed', 'account-changed', 'account-password-changed', 'account-disabled'],
    ...['account-enabled', 'account-password-changed', 'account-removed'],
  ])
  assert.doesNotMatch(JSON.stringify(events), /argon2id|sentence/)
})

test('the password opens the account, and is shown nowhere', async () => {
  const { out } = await users('create', 'ann')
  assert.doesNotMatch(out, /sentence|\$argon2id/)
  const hash = await withStore(async ({ accounts }) => (await accounts.findByUsername(null, 'ann'))?.passwordHash)
  const hasher = createPasswordHasher({ threads: 1 })
  assert.equal((await hasher.verify(good, hash as string)).valid, true)
  await hasher.close()
})

test('a password that is short, or holds a name, is refused, and nothing is made', async () => {
  for (const [password, expected] of [
    ['fourteen chars', /14 characters: at least 15/],
    ['ANNABELL and some more', /user name/],
    ['the people of north-west', /tenant/],
    ['x'.repeat(1025), /256 characters/],
    ['a bell \u0007 rings in here', /cannot be typed/],
    ['', /0 characters|No password/],
  ] as const) {
    input = password
    const { exit, error } = await users('create', 'annabell', '--tenant', 'North-West')
    assert.equal(exit, 1)
    assert.match(error, expected)
    if (password !== '') assert.ok(!error.includes(password))
  }
  assert.deepEqual(await usersJson('list'), [])
  input = 'ein Paßwort, länger als fünfzehn'
  assert.equal((await users('create', 'ann')).exit, 0)
})

test('names that are taken or cannot log in are refused', async () => {
  await users('create', 'ann')
  const again = await users('create', 'ANN')
  assert.equal(again.exit, 1)
  assert.match(again.error, /There is an account "ANN" already/)
  await users('create', 'bob')
  assert.match((await users('update', 'bob', '--rename', 'ann')).error, /already/)
  assert.equal((await users('create', 'a:b')).exit, 2)
  assert.equal((await users('create', ' ann')).exit, 2)
  const nobody = await users('show', 'eve')
  assert.match(nobody.error, /There is no account "eve" that belongs to no tenant/)
  assert.equal((await users('update', 'bob')).exit, 2)
})

test('logins elsewhere that open an account are shown, with roles that are not its own', async () => {
  const { id } = await usersJson('create', 'ann', '--role', 'customer')
  const issuer = 'https://accounts.google.com'
  await withStore(({ db }) =>
    createConnectionStore(db).connect({
      ...{
        id: 'c1',
        accountId: id,
        tenant: null,
        provider: 'google',
        issuer,
        subject: '117',
        email: 'ann@orchard.test',
      },
      ...{ roles: ['clerk'], createdAt: start, usedAt: start },
    }),
  )
  const { roles, connections } = await usersJson('show', 'ann')
  assert.deepEqual([roles, connections[0].provider, connections[0].roles], [['customer'], 'google', ['clerk']])
  const { out } = await users('show', 'ann')
  assert.match(out, /^connections: +google ann@orchard\.test with roles clerk \(last 2030-01-01T00:00:00\.000Z\)$/m)
})

test('a locked account is opened', async () => {
  await users('create', 'ann')
  const attempt = (client: string) => ({ tenant: null, username: 'ann', client })
  const reserve = (client: string) =>
    withStore(async ({ db }) => (await createAttemptStore(db).reserve(attempt(client), start)).kind)
  for (let i = 0; i < 6; i++) await reserve(`192.0.2.${i}`)
  assert.equal(await reserve('192.0.2.99'), 'refused')
  assert.deepEqual(await usersJson('unlock', 'ann'), { unlocked: 'ann' })
  assert.equal(await reserve('192.0.2.99'), 'reserved')
})

test('import takes hashes of other programs, passes over who is there, and says which line is wrong', async () => {
  const bcrypt = '$2b$12$EXRkfkdmXn2gzds2SSitu.MW9.gAVqa9eLS1//RYtYCmB1eLHg.9q'
  const pbkdf2 = '$pbkdf2-sha256$i=600000$MDEyMzQ1Njc4OWFiY2RlZg$0123456789abcdefghijklmnopqrstuvwxyzABCDEFg'
  input = [
    JSON.stringify({ username: 'ann', passwordHash: bcrypt, roles: ['customer'], tenant: 'north' }),
    '',
    JSON.stringify({ username: 'bob', passwordHash: pbkdf2, id: 'old-17', attributes: { plan: 'gold' } }),
    JSON.stringify({ username: 'eve' }),
  ].join('\n')
  const found = { hashes: { bcrypt: 1, 'pbkdf2-sha256': 1 }, withoutPassword: 1 }
  assert.deepEqual(await usersJson('import', '-', '--dry-run'), { added: 3, present: 0, ...found, dryRun: true })
  assert.deepEqual(await usersJson('list'), [])
  assert.deepEqual(await usersJson('import', '-'), { added: 3, present: 0, ...found, dryRun: false })
  assert.deepEqual(await usersJson('import', '-'), { added: 0, present: 3, ...found, dryRun: false })
  assert.equal((await usersJson('show', 'ann', '--tenant', 'north')).hash, 'bcrypt')
  assert.equal((await usersJson('show', 'bob')).id, 'old-17')
  assert.equal((await usersJson('show', 'eve')).status, 'no password')
  for (const [line, expected] of [
    [
      '{"username":"x","passwordHash":"5f4dcc3b5aa765d61d8327deb882cf99"}',
      /line 2: passwordHash: the stored hash is none of/,
    ],
    ['{"username":"x","passwordHash":"$2b$31$EXRkfkdmXn2gzds2SSitu.MW9.gAVqa9eLS1//RYtYCmB1eLHg.9q"}', /line 2: pass/],
    ['{"username":"x","password":"secret"}', /line 2: unknown field "password"/],
    ['{"username":" x"}', /line 2: username/],
    ['{"username":"x","roles":["a b"]}', /line 2: roles/],
    ['{"username":"x","id":"prove-1800000000000-0123456789ab"}', /line 2: ids that begin/],
    ['[]', /line 2: it is no JSON object/],
    ['{"username":"ZOE"}', /line 2: it is the same user as line 1/],
    ['{"username":"x","id":"old-17"}', /line 2: its id is that of an account with another name/],
    ['{"username":"x","createdAt":"2090-01-01"}', /line 2: createdAt/],
    ['{"username":"x","disabled":"perhaps"}', /line 2: disabled/],
    [
      `{"username":"x","passwordHash":"$scrypt$ln=30,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}"}`,
      /line 2: passwordHash: .* more memory or time/,
    ],
  ] as const) {
    input = `{"username":"zoe"}\n${line}`
    const { exit, error } = await users('import', '-')
    assert.equal(exit, 1)
    assert.match(error, expected)
    assert.doesNotMatch(error, /5f4dcc3b|\$2b/)
    assert.equal((await users('show', 'zoe')).exit, 1, 'nothing is half imported')
  }
  assert.match((await users('import', 'nowhere.jsonl')).error, /nowhere.jsonl: there is no such file/)
})

test('at a terminal the password is asked for twice and not shown', async () => {
  const { PassThrough } = await import('node:stream')
  const type = async (...lines: string[]) => {
    const modes: boolean[] = []
    const terminal = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode: (mode: boolean) => void modes.push(mode),
    })
    let shown = ''
    const reading = readPassword(terminal as never, (text) => {
      shown += text
    })
    reading.catch(() => {})
    for (const line of lines) {
      terminal.write(line)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    return { result: await reading, shown, modes }
  }
  const { result, shown, modes } = await type('secrex\u007ft\r', 'secret\n')
  assert.equal(result, 'secret')
  assert.equal(shown, 'New password: \nOnce more: \n')
  assert.deepEqual(modes, [true, false, true, false])
  await assert.rejects(type('secret\r', 'other\r'), /not the same/)
  await assert.rejects(type('secret\u0003'), /Nothing was changed/)
})

test('who lost every second factor gets in by the password again, which is told', async () => {
  await users('create', 'ann')
  const store = await openSqliteStore({ path })
  const [ann] = await store.accounts.list({ limit: 1 })
  const account = ann?.id ?? ''
  await addFactor(store.db, { id: 'f1', account, kind: 'totp', data: 'sealed', label: null, createdAt: 1 })
  await addFactor(store.db, { id: 'f2', account, kind: 'recovery', data: 'sealed', label: null, createdAt: 1 })
  await addFactor(store.db, { id: 'f3', account: 'other', kind: 'totp', data: 'sealed', label: null, createdAt: 1 })
  assert.match((await users('reset-factors', 'ann')).out, /ann has no second factor any more/)
  assert.match((await users('reset-factors', 'ann')).out, /ann had no second factor/)
  assert.equal((await users('reset-factors', 'bob')).exit, 1)
  const left = await store.db.selectFrom('factors').select('id').execute()
  const events = await store.db.selectFrom('audit_events').selectAll().where('action', '=', 'factors-reset').execute()
  store.close()
  assert.deepEqual(
    left.map(({ id }) => id),
    ['f3'],
  )
  assert.deepEqual(
    events.map(({ subject }) => subject),
    [account],
  )
})
