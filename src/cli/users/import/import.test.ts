import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { createPasswordCheck } from '../../../accounts/password-check.ts'
import { toUsable, type UsableAccount } from '../../../accounts/usable-account.ts'
import type { Port } from '../../../core/ports.ts'
import { silentLog, silentMeter } from '../../../core/telemetry.ts'
import { createPasswordHasher } from '../../../crypto/passwords/password-hasher.ts'
import { passwordHasherPort } from '../../../crypto/passwords/password-hasher-port.ts'
import { accountStorePort } from '../../../stores/ports/account-store.ts'
import { openSqliteStore } from '../../../stores/sqlite/sqlite-store.ts'
import { type ImportCommandOptions, runImport } from './import-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-import-test-'))
const store = await openSqliteStore({ path: join(folder, 'portcullis.db') })
const { accounts } = store
const hasher = createPasswordHasher({ threads: 1 })
const now = Date.UTC(2030, 0, 1)

after(async () => {
  await hasher.close()
  await store.close()
  rmSync(folder, { recursive: true })
})

async function* nothing(): AsyncGenerator<Uint8Array> {}

function importText(name: string, text: string, options: ImportCommandOptions = {}) {
  const path = join(folder, name)
  writeFileSync(path, text)
  return runImport(accounts, path, options, { input: nothing, now: () => now })
}

const find = (username: string, tenant: string | null = null) => accounts.findByUsername(tenant, username)
const password = 'correct horse battery staple'
const django = 'pbkdf2_sha256$1000$seasalt2seasalt2$zU5AZO+q3BQs8wjYk63K6MkmzA8pgpmxuE/RgiDJYnM='

describe('an import', () => {
  test('of CSV: quoted cells, lists, empty cells, and the line where a row begins', async () => {
    const head = 'username,passwordHash,roles,attributes,disabled,createdAt,emailVerified\r\n'
    const ann = `ann@shop.example,${django},customer auditor,"{""note"":\n""two, lines""}",false,2024-01-31T12:00:00Z,true\r\n`
    const done = await importText('users.csv', `${head}${ann}"bob, jr",,,,true,,\r\n`, { tenant: 'north' })
    assert.deepEqual(done, { added: 2, present: 0, hashes: { 'pbkdf2-sha256': 1 }, withoutPassword: 1 })
    const found = await find('ann@shop.example', 'north')
    assert.deepEqual(found?.roles, ['customer', 'auditor'])
    assert.deepEqual(found?.attributes, { note: 'two, lines', emailVerified: true })
    assert.equal(found?.createdAt, Date.UTC(2024, 0, 31, 12))
    assert.equal((await find('bob, jr', 'north'))?.disabledAt, now)
    for (const [rows, problem] of [
      [`${ann}x,y\r\n`, /line 4: it has 2 cells, not 7/],
      ['"x\r\n', /line 2: a quote is opened/],
      ['x"y"z,,,,,,\r\n', /line 2: a quote stands within/],
      ['"x"y,,,,,,\r\n', /line 2: something stands behind/],
      ['x,,,,perhaps,,\r\n', /line 2: disabled/],
    ] as const) {
      await assert.rejects(importText('wrong.csv', head + rows), problem)
    }
  })

  test('tells of every line that is wrong, twenty at most, and imports none of the file', async () => {
    const lines = Array.from({ length: 30 }, (_, i) => JSON.stringify(i % 2 ? { username: `many-${i}` } : { name: i }))
    await assert.rejects(importText('many.jsonl', lines.join('\n')), /15 wrong\.\nline 1: .*\nline 3: /)
    assert.equal(await find('many-1'), null)
    const all = Array.from({ length: 30 }, () => '{}').join('\n')
    await assert.rejects(importText('many.jsonl', all), /30 wrong[\s\S]*line 20: [^\n]*\nand 10 more$/)
  })

  test('tells of a head that is wrong once, and what was meant', async () => {
    const row = 'x,y\n'.repeat(3)
    await assert.rejects(
      importText('head.csv', `usrname,roles\n${row}`),
      /: 1 wrong\.\nline 1: .*did you mean username\?$/,
    )
    await assert.rejects(importText('head.csv', `username;roles\n${row}`), /: 1 wrong\.\nline 1: .*divided by commas$/)
    await assert.rejects(importText('head.csv', `roles,roles\n${row}`), /line 1: it names a field twice$/)
    await assert.rejects(importText('one.jsonl', '{"username":"x","passwordhash":"y"}'), /did you mean passwordHash\?$/)
    await assert.rejects(
      importText('one.jsonl', '{"username":"x","passwordHash":"md5:y"}'),
      /leave it out, and its owner/,
    )
    const away = runImport(accounts, join(folder, 'away.csv'), {}, { input: nothing, now: () => now })
    await assert.rejects(away, /^Error: Nothing was imported: .*away\.csv: there is no such file$/)
  })

  test('of Keycloak', async () => {
    const pbkdf2 = {
      type: 'password',
      secretData: JSON.stringify({
        value: 'zU5AZO+q3BQs8wjYk63K6MkmzA8pgpmxuE/RgiDJYnM=',
        salt: Buffer.from('seasalt2seasalt2').toString('base64'),
      }),
      credentialData: JSON.stringify({ hashIterations: 1000, algorithm: 'pbkdf2-sha256', additionalParameters: {} }),
    }
    const more = { hashLength: ['32'], memory: ['7168'], type: ['id'], version: ['1.3'], parallelism: ['1'] }
    const argon2 = {
      type: 'password',
      secretData: JSON.stringify({
        value: `${'A'.repeat(43)}=`,
        salt: `${'A'.repeat(22)}==`,
        additionalParameters: {},
      }),
      credentialData: JSON.stringify({ hashIterations: 5, algorithm: 'argon2', additionalParameters: more }),
    }
    const kim = { id: 'k-1', username: 'kim', email: 'kim@shop.example', emailVerified: true, enabled: true }
    const users = [
      { ...kim, createdTimestamp: 1700000000000, credentials: [{ type: 'otp' }, pbkdf2], realmRoles: ['customer'] },
      { username: 'lee', enabled: false, credentials: [argon2], attributes: { department: ['sales'] } },
      { username: 'service', enabled: true },
    ]
    await importText('realm.json', JSON.stringify({ realm: 'shop', users }), { from: 'keycloak' })
    const found = await find('kim')
    assert.deepEqual([found?.id, found?.createdAt, found?.roles], ['k-1', 1700000000000, ['customer']])
    assert.match(found?.passwordHash ?? '', /^\$pbkdf2-sha256\$i=1000\$/)
    const lee = await find('lee')
    assert.match(lee?.passwordHash ?? '', /^\$argon2id\$v=19\$m=7168,t=5,p=1\$/)
    assert.equal(lee?.disabledAt, now)
    assert.equal((await find('service'))?.passwordHash, null)
    const all = JSON.stringify([{ realm: 'master' }, { realm: 'shop', users }])
    await assert.rejects(importText('all.json', all, { from: 'keycloak' }), /user 1: it is a realm, not a user: export/)
  })

  test('of Auth0, Firebase and Django', async () => {
    const bcrypt = '$2b$10$EXRkfkdmXn2gzds2SSitu.MW9.gAVqa9eLS1//RYtYCmB1eLHg.9q'
    const auth0 = { _id: { $oid: '6123' }, email: 'max@shop.example', email_verified: true, passwordHash: bcrypt }
    await importText('auth0.json', `${JSON.stringify(auth0)}\n`, { from: 'auth0' })
    assert.equal((await find('max@shop.example'))?.id, 'auth0|6123')

    const hash = 'lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=='
    const common = { localId: 'f-1', email: 'fay@shop.example', emailVerified: false, createdAt: '1700000000000' }
    const users = [{ ...common, passwordHash: hash, salt: '42xEC+ixf3L2lw==' }]
    const export_ = JSON.stringify({ users })
    await assert.rejects(importText('firebase.json', export_, { from: 'firebase' }), /user 1: .*--firebase-parameters/)
    const signerKey = 'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=='
    const firebaseParameters = join(folder, 'parameters.json')
    writeFileSync(firebaseParameters, JSON.stringify({ signerKey, saltSeparator: 'Bw==', rounds: 8, memCost: 14 }))
    await importText('firebase.json', export_, { from: 'firebase', firebaseParameters })
    assert.equal(await open('fay@shop.example', 'user1password'), true)

    const hashConfig = [
      'hash_config {',
      ...['algorithm: SCRYPT', `base64_signer_key: ${signerKey}`, 'base64_salt_separator: Bw=='],
      ...['rounds: 8', 'mem_cost: 14', '}'],
    ]
    writeFileSync(firebaseParameters, hashConfig.join(',\n  '))
    const again = JSON.stringify({ users: [{ ...users[0], localId: 'f-2', email: 'fee@shop.example' }] })
    await importText('firebase.json', again, { from: 'firebase', firebaseParameters })
    assert.equal(await open('fee@shop.example', 'user1password'), true)
    writeFileSync(firebaseParameters, JSON.stringify({ base64_signer_key: signerKey, rounds: 8, mem_cost: 14 }))
    const wanting = importText('firebase.json', again, { from: 'firebase', firebaseParameters })
    await assert.rejects(wanting, /parameters\.json holds no saltSeparator: save what the console shows/)

    const fields = {
      username: 'dana',
      email: '',
      password: django,
      is_active: true,
      date_joined: '2020-01-01T00:00:00Z',
    }
    const dump = [
      { model: 'auth.user', pk: 1, fields },
      { model: 'auth.user', pk: 2, fields: { ...fields, username: 'drew', password: '!x' } },
    ]
    await importText('dump.json', JSON.stringify(dump), { from: 'django' })
    assert.equal((await find('drew'))?.passwordHash, null)
    assert.equal(await open('dana', password), true)
    const group = [{ model: 'auth.group', pk: 1, fields: { name: 'staff' } }]
    await assert.rejects(
      importText('dump.json', JSON.stringify(group), { from: 'django' }),
      /it is no user but "auth.group"/,
    )
  })

  test('a hash of another program is replaced by one of today at the first login', async () => {
    await importText('one.jsonl', JSON.stringify({ username: 'first', passwordHash: django }))
    assert.equal(await open('first', 'wrong'), false)
    assert.match((await find('first'))?.passwordHash ?? '', /^\$pbkdf2/)
    assert.equal(await open('first', password), true)
    const until = performance.now() + 20_000
    while (performance.now() < until && !(await find('first'))?.passwordHash?.startsWith('$argon2id$'))
      await new Promise((resolve) => setTimeout(resolve, 20))
    assert.match((await find('first'))?.passwordHash ?? '', /^\$argon2id\$v=19\$m=19456/)
    assert.equal(await open('first', password), true)
  })

  test('what was cut off is taken up: users that are there are passed over', async () => {
    const lines = Array.from({ length: 1200 }, (_, i) => JSON.stringify({ username: `cut-${i}` }))
    let turn = 0
    const breaking = {
      ...accounts,
      import: (batch: Parameters<typeof accounts.import>[0]) =>
        ++turn === 2 ? Promise.reject(new Error('the store is away')) : accounts.import(batch),
    }
    const path = join(folder, 'cut.jsonl')
    writeFileSync(path, lines.join('\n'))
    const surroundings = { input: nothing, now: () => now }
    await assert.rejects(runImport(breaking, path, {}, surroundings), /the store is away\n500 accounts were added/)
    const { added, present } = await runImport(accounts, path, {}, surroundings)
    assert.deepEqual([added, present], [700, 500])
  })
})

/** Logs in, as far as the password goes. */
async function open(username: string, typed: string): Promise<boolean> {
  const given = new Map<unknown, unknown>([
    [passwordHasherPort, hasher],
    [accountStorePort, accounts],
  ])
  const provide = <T>(port: Port<T>) => given.get(port) as T
  const check = createPasswordCheck({ provide, log: silentLog, meter: silentMeter })
  const account = toUsable(await find(username), now)
  return check.verify(typed, account as UsableAccount)
}
