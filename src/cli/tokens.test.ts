import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, describe, test } from 'node:test'
import { CommanderError } from 'commander'
import { everyCommand } from '../../test/support/run-cli.ts'
import { openSqliteStore } from '../stores/sqlite/sqlite-store.ts'
import { createTokensCommand } from './tokens.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-tokens-'))
const start = Date.UTC(2030, 0, 1)
const iss = 'https://login.example.com/'
let count = 0
let path = ''

beforeEach(() => {
  path = join(folder, `${count++}.db`)
})
after(() => rmSync(folder, { recursive: true }))

/** Runs `portcullis tokens …` as a person would type it. */
async function tokens(...argv: string[]) {
  const ran = { out: '', error: '', exit: 0 }
  const command = createTokensCommand({
    open: () => openSqliteStore({ path, lockTimeoutMs: 100 }),
    issuers: async () => [
      { name: 'main', issuer: iss },
      { name: null, issuer: 'https://introspected.example.com' },
    ],
    now: () => start,
    input: () => assert.fail('nothing is read'),
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
  for (const one of everyCommand(command)) {
    one.exitOverride().configureOutput({
      writeErr: (text) => {
        ran.error += text
      },
    })
  }
  try {
    await command.parseAsync(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    ran.exit = 2
  }
  return ran
}

describe('tokens revoke', () => {
  test('writes down what is named, by the name of the issuer or by its `iss`', async () => {
    const first = await tokens('revoke', '--issuer', 'main', '--jti', 'token-1', '--until', '12h', '--reason', 'leaked')
    assert.deepEqual([first.exit, first.error], [0, ''])
    assert.equal(first.out, `The token token-1 by ${iss} is revoked. It is kept on the list until 2030-01-01 12:00Z.\n`)
    await tokens('revoke', '--issuer', iss, '--subject', 'customer-1')
    const listed = JSON.parse((await tokens('revoked', 'list', '--json')).out)
    const common = { issuer: iss, revokedAt: '2030-01-01T00:00:00Z' }
    assert.deepEqual(listed, [
      {
        ...{ ...common, kind: 'subject', value: 'customer-1', issuedUntil: '2030-01-01T00:00:00Z' },
        ...{ endsAt: '2031-01-01T00:00:00Z', reason: null },
      },
      {
        ...{ ...common, kind: 'token', value: 'token-1', issuedUntil: null },
        ...{ endsAt: '2030-01-01T12:00:00Z', reason: 'leaked' },
      },
    ])
  })

  test('says so when it was done before', async () => {
    await tokens('revoke', '--issuer', 'main', '--sid', 's')
    const again = await tokens('revoke', '--issuer', 'main', '--sid', 's', '--json')
    assert.equal(JSON.parse(again.out).already, true)
    assert.equal(again.exit, 0)
  })

  test('of an issuer that nobody trusts, or with an end that has passed, is an error', async () => {
    const unknown = await tokens('revoke', '--issuer', 'mian', '--jti', 'x')
    assert.deepEqual([unknown.exit, unknown.error], [1, 'There is no issuer "mian". Did you mean main?\n'])
    const far = await tokens('revoke', '--issuer', 'https://nowhere.invalid/x', '--jti', 'x')
    assert.match(far.error, /trusts main \(https:\/\/login\.example\.com\/\), https:\/\/introspected/)
    const past = await tokens('revoke', '--issuer', 'main', '--jti', 'x', '--until', '2029-12-31')
    assert.match(past.error, /has passed/)
    assert.equal(past.exit, 1)
    assert.equal(JSON.parse((await tokens('revoked', 'list', '--json')).out).length, 0)
  })

  test('needs exactly one thing to revoke', async () => {
    for (const named of [[], ['--jti', 'a', '--sid', 'b'], ['--sid', 'b', '--subject', 'c']]) {
      assert.equal((await tokens('revoke', '--issuer', 'main', ...named)).exit, 2, named.join(' '))
    }
  })
})

describe('tokens revoked list', () => {
  test('is a table for people, who no value can fool', async () => {
    assert.equal((await tokens('revoked', 'list')).out, 'Nothing is revoked.\n')
    await tokens('revoke', '--issuer', 'main', '--jti', 'token-1', '--until', '2030-02-01T10:30Z')
    await tokens('revoke', '--issuer', 'https://introspected.example.com', '--jti', 'token-2')
    const { out } = await tokens('revoked', 'list', '--issuer', 'main')
    assert.equal(
      out,
      [
        'KIND   VALUE    ISSUER                      REVOKED            ENDS               REASON',
        `token  token-1  ${iss}  2030-01-01 00:00Z  2030-02-01 10:30Z  -\n`,
      ].join('\n'),
    )
  })

  test('goes on beyond one page', { timeout: 30_000 }, async () => {
    const store = await openSqliteStore({ path })
    for (let i = 0; i < 501; i++) {
      const common = {
        issuer: iss,
        kind: 'token',
        revokedAt: start,
        issuedUntil: null,
        endsAt: start,
        reason: null,
      } as const
      await store.revocations.revoke({ ...common, value: `token-${i}` })
    }
    store.close()
    assert.equal(JSON.parse((await tokens('revoked', 'list', '--json')).out).length, 501)
  })
})
