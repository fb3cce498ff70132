import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { CommanderError } from 'commander'
import { newSession, testCaller } from '../../test/contracts/session-store.ts'
import { tieToTokens } from '../policies/session-origin.ts'
import { openAudit } from '../runtime/audited.ts'
import { createSessionStore } from '../stores/session-store.ts'
import { openSqliteStore } from '../stores/sqlite/sqlite-store.ts'
import { createSessionsCommand } from './sessions.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-sessions-cli-'))
const now = 1_800_000_000_000
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
  const command = createSessionsCommand({
    open: () => openSqliteStore({ path }),
    readIdentity: async () => null,
    openIdentity: () => Promise.reject(new Error('there is none')),
    openLogins: async () => null,
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

async function fill() {
  const store = await openSqliteStore({ path })
  const sessions = createSessionStore(store.db)
  const mine = [newSession({ userAgent: 'Fire\u001b[2Jfox', address: '192.0.2.1' }), newSession()] as const
  const theirs = newSession({ caller: tieToTokens(testCaller({ id: 'bob' })) })
  const over = newSession({ endsAt: now })
  for (const session of [...mine, theirs, over]) await sessions.create(session)
  store.close()
  return { mine, theirs, over }
}

test('list shows who is logged in, and no secret', async () => {
  assert.match((await run('list')).out, /^Nobody has a session\.\n[\s\S]*`portcullis sessions list --user <user>`/)
  const { mine, theirs, over } = await fill()
  const { out } = await run('list')
  assert.match(out, /^ID +TYPE +PRINCIPAL +ISSUER +STATUS +SINCE +LAST SEEN +ADDRESS +BROWSER$/m)
  for (const { id, digest } of [...mine, theirs]) {
    assert.ok(out.includes(id))
    assert.equal(out.includes(digest), false)
  }
  assert.equal(out.includes(over.id), false)
  assert.match(out, new RegExp(`${mine[1].id} +session +alice `))
  assert.match(out, new RegExp(`${theirs.id} +browser-login +bob `))
  assert.match(out, /Fire\?\[2Jfox/)
  const all = JSON.parse((await run('list', '--all', '--principal', 'alice', '--json')).out) as { status: string }[]
  assert.deepEqual(all.map(({ status }) => status).toSorted(), ['active', 'active', 'expired'])
})

test('revoke ends one, those of a principal, all but one, or all; the audit trail has it', async () => {
  const { mine, theirs } = await fill()
  assert.equal((await run('revoke', theirs.id)).out, 'One session has ended.\n')
  assert.equal((await run('revoke', theirs.id)).out, '0 sessions have ended.\n')
  const { out } = await run('revoke', '--principal', 'alice', '--except', mine[0].id)
  assert.match(out, /^One session has ended\.\n[\s\S]*`portcullis sessions revoke --user <user>` ends/)
  assert.deepEqual(JSON.parse((await run('revoke', '--all', '--json')).out), { revoked: 1 })
  assert.match((await run('list')).out, /^Nobody has a session\./)
  const store = await openSqliteStore({ path })
  const events = await openAudit(store.db).list({ limit: 10 })
  store.close()
  assert.deepEqual(
    events.map(({ action, subject }) => `${action} ${subject}`),
    ['sessions-revoked *', 'sessions-revoked alice', `session-revoked ${theirs.id}`],
  )
})

test('wrong use is answered with what is wrong', async () => {
  await fill()
  const wrong = [
    ...[[], ['x', '--all'], ['--principal', 'alice', '--all'], ['--all', '--except', 'x']],
    ...[
      ['--user', 'ann', '--all'],
      ['--user', 'ann', '--except', 'x'],
      ['x', '--tenant', 'north'],
    ],
  ]
  for (const argv of wrong) {
    const { exit, out } = await run('revoke', ...argv)
    assert.deepEqual([exit, out], [2, ''], argv.join(' '))
  }
  for (const argv of [
    ['--user', 'ann', '--principal', 'ann'],
    ['--tenant', 'north'],
  ])
    assert.equal((await run('list', ...argv)).exit, 2, argv.join(' '))
  for (const command of ['list', 'revoke'])
    assert.match((await run(command, '--user', 'ann')).error, /There is no account "ann" that belongs to no tenant/)
  const { exit, error } = await run('revoke', 'nobody')
  assert.equal(exit, 1)
  assert.match(error, /There is no session "nobody"/)
})
