import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { runCli } from '../../../test/support/run-cli.ts'
import { createLocalMasterKey } from '../../crypto/master/local-master-key.ts'
import { openKeyRing } from '../../crypto/master/open-key-ring.ts'
import { decryptField, encryptField } from '../../crypto/ring/fields.ts'
import { openKeyRing as openAsApplication } from '../../runtime/open-key-ring.ts'
import { createKeyRingStore } from '../../stores/key-ring-store.ts'
import { openSqliteStore } from '../../stores/sqlite/sqlite-store.ts'

const root = mkdtempSync(join(tmpdir(), 'portcullis-secrets-'))
after(() => rmSync(root, { recursive: true }))

const main = join(import.meta.dirname, '../main.ts')
const [first, second] = [randomBytes(32), randomBytes(32)]
let count = 0

function openFolder(secrets = '{ master: { key: file:first.key } }'): string {
  const folder = mkdtempSync(join(root, `${count++}-`))
  writeFileSync(join(folder, 'first.key'), `${first.toString('base64')}\n`)
  writeFileSync(join(folder, 'second.key'), `${second.toString('hex')}\n`)
  writeSecrets(folder, secrets)
  return folder
}

function writeSecrets(folder: string, secrets: string): void {
  writeFileSync(
    join(folder, 'portcullis.yaml'),
    `version: 1\nlisten: { https: { certificate: dev } }\nsecrets: ${secrets}\n`,
  )
}

async function run(folder: string, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await runCli(folder, 'secrets', ...args)
  assert.equal(status, 0, stdout + stderr)
  return stdout
}

async function openRing(folder: string, masters = [first]) {
  const store = await openSqliteStore({ path: join(folder, 'data/portcullis.db') })
  try {
    return await openKeyRing(await createKeyRingStore(store.db).list(), masters.map(createLocalMasterKey))
  } finally {
    store.close()
  }
}

/** Starts the program as another process, to be killed. */
function start(folder: string, ...args: string[]): ChildProcess {
  return spawn(process.execPath, ['--conditions=source', main, 'secrets', ...args], { cwd: folder, stdio: 'ignore' })
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

test('a ring is made, rotated and shown; what was encrypted stays readable', async () => {
  const folder = openFolder()
  assert.match(await run(folder, 'status'), /There is no key ring yet/)
  await run(folder, 'rotate')
  const before = await openRing(folder)
  const stored = encryptField(before, '4111', ['card'])
  await run(folder, 'rotate')
  const now = await openRing(folder)
  assert.notEqual(now.activeId, before.activeId)
  assert.equal(decryptField(now, stored, ['card']), '4111')
  assert.equal(now.blindIndex(Buffer.from('x'), []), before.blindIndex(Buffer.from('x'), []))
  const { keys } = JSON.parse(await run(folder, 'status', '--json')) as { keys: { role: string; problem: unknown }[] }
  assert.deepEqual(keys.map(({ role }) => role).sort(), ['active', 'index', 'retired'])
  assert.ok(keys.every(({ problem }) => problem === null))
})

test('every change of the ring is told in the audit trail', async () => {
  const folder = openFolder()
  await run(folder, 'rotate')
  await run(folder, 'rotate')
  writeSecrets(folder, '{ master: { key: file:second.key }, previous: [{ key: file:first.key }] }')
  await run(folder, 'reencrypt')
  const { status, stdout } = await runCli(folder, 'audit', 'list', '--since', '1h', '--json')
  assert.equal(status, 0, stdout)
  const events = JSON.parse(stdout) as { action: string; actor: string }[]
  assert.deepEqual(
    events.map(({ action }) => action),
    [...Array.from({ length: 3 }, () => 'key-ring-rewrapped'), 'key-ring-rotated', 'key-ring-created'],
  )
  assert.match(events[0]?.actor as string, /^cli:./)
})

test('an application encrypts with the same ring', async () => {
  const folder = openFolder()
  const config = join(folder, 'portcullis.yaml')
  await assert.rejects(openAsApplication(config), /there is no key ring yet/)
  await run(folder, 'rotate')
  const stored = encryptField(await openAsApplication(config), '4111', ['card'])
  assert.equal(decryptField(await openRing(folder), stored, ['card']), '4111')
  await run(folder, 'rotate')
  assert.equal(decryptField(await openAsApplication(config), stored, ['card']), '4111')
})

test('no key stands in the store as it is', async () => {
  const folder = openFolder()
  await run(folder, 'rotate')
  const store = await openSqliteStore({ path: join(folder, 'data/portcullis.db') })
  const [key] = await createKeyRingStore(store.db).list()
  const secret = await createLocalMasterKey(first).unwrap(key?.wrapped as string, key?.id as string)
  store.close()
  for (const suffix of ['', '-wal']) {
    const path = join(folder, `data/portcullis.db${suffix}`)
    if (!existsSync(path)) continue
    const bytes = readFileSync(path)
    for (const form of ['base64', 'base64url', 'hex'] as const) {
      assert.ok(!bytes.includes(Buffer.from(secret).toString(form)) && !bytes.includes(Buffer.from(secret)))
    }
  }
})

test('a lost or wrong master key is told, and nothing is made in its place', async () => {
  const folder = openFolder()
  await run(folder, 'rotate')
  writeSecrets(folder, '{ master: { key: file:second.key } }')
  const { status, stdout } = await runCli(folder, 'secrets', 'status')
  assert.equal(status, 1)
  assert.match(
    stdout,
    /was wrapped by the master key local:[0-9a-f]{16}: give that master key again, or name it under secrets\.previous/,
  )
  assert.equal((await runCli(folder, 'secrets', 'reencrypt')).status, 1)
  const rotated = await runCli(folder, 'secrets', 'rotate')
  assert.equal(rotated.status, 1)
  assert.match(rotated.stderr, /give that master key again, or name it under secrets\.previous/)
  for (const [secrets, code, message] of [
    ['{ master: { key: file:none.key } }', 1, /^file:none\.key: ENOENT/],
    ['{ master: { key: file:portcullis.yaml } }', 1, /is not a master key: it must be 32 random bytes/],
    ['{ master: {} }', 2, /name one of key, awsKms and vault/],
    ['{ master: { key: file:a, vault: { address: "https://v", key: k, token: env:T } } }', 2, /name one of/],
    [
      '{ master: { awsKms: { keyId: alias/a, region: eu-central-1, accessKeyId: env:A, secretAccessKey: env:B } } }',
      2,
      /alias/,
    ],
  ] as const) {
    writeSecrets(folder, secrets)
    const result = await runCli(folder, 'secrets', 'status')
    assert.equal(result.status, code, secrets)
    assert.match(result.stderr, message)
  }
  writeFileSync(join(folder, 'portcullis.yaml'), 'version: 1\nlisten: { https: { certificate: dev } }\n')
  assert.match((await runCli(folder, 'secrets', 'rotate')).stderr, /names no master key: write secrets:/)
})

test('the master key is replaced: the ring is wrapped anew, and the old one is not needed any more', async () => {
  const folder = openFolder()
  await run(folder, 'rotate')
  const stored = encryptField(await openRing(folder), '4111', [])
  await run(folder, 'rotate')
  const both = '{ master: { key: file:second.key }, previous: [{ key: file:first.key }] }'
  writeSecrets(folder, both)
  assert.match(await run(folder, 'status'), /wrapped by a master key of before/)
  assert.match(await run(folder, 'reencrypt'), /^3 of 3 keys were wrapped anew/)
  assert.match(await run(folder, 'reencrypt'), /^0 of 3 keys were wrapped anew/)
  assert.equal(decryptField(await openRing(folder, [second]), stored, []), '4111')
  await assert.rejects(openRing(folder, [first]), { name: 'MasterKeyError' })
})

test('killed while it rotates or wraps anew, it loses nothing', { timeout: 120_000 }, async () => {
  const folder = openFolder()
  await run(folder, 'rotate')
  const values = [encryptField(await openRing(folder), 'value 0', [])]
  writeSecrets(folder, '{ master: { key: file:second.key }, previous: [{ key: file:first.key }] }')
  // How long a whole run takes is measured, so that kills fall into all of it.
  const startedAt = performance.now()
  await once(start(folder, 'rotate'), 'exit')
  const tookMs = performance.now() - startedAt
  for (let round = 1; round <= 6; round++) {
    const child = start(folder, round % 2 ? 'rotate' : 'reencrypt')
    await sleep(tookMs * (0.4 + round * 0.1))
    await kill(child)
    const ring = await openRing(folder, [first, second])
    for (const [at, stored] of values.entries()) assert.equal(decryptField(ring, stored, []), `value ${at}`)
    values.push(encryptField(ring, `value ${values.length}`, []))
  }
  await run(folder, 'reencrypt')
  const ring = await openRing(folder, [second])
  for (const [at, stored] of values.entries()) assert.equal(decryptField(ring, stored, []), `value ${at}`)
})

describe('records of an application', () => {
  const context = ['--context', 'customers', '--context', '/id']
  const args = ['reencrypt', '--in', 'in.jsonl', '--out', 'out.jsonl', '--field', '/card', ...context]
  const readOut = (folder: string) => readFileSync(join(folder, 'out.jsonl'), 'utf8').trimEnd().split('\n')

  test('are encrypted, then encrypted anew, and nothing else of them changes', async () => {
    const folder = openFolder()
    await run(folder, 'rotate')
    writeFileSync(join(folder, 'in.jsonl'), '{"id": 7, "n":1.50, "card":"4111"}\n\n{"id":"b","card":null}\n{"id":"c"}')
    const plain = await runCli(folder, 'secrets', ...args)
    assert.match(plain.stderr, /line 1: \/card is no ciphertext: give --encrypt-plain/)
    // Nothing was done before it failed, so other options may follow.
    await run(folder, ...args, '--encrypt-plain')
    const lines = readOut(folder)
    assert.match(lines[0] ?? '', /^\{"id": 7, "n":1\.50, "card":"pce1\.[^"]+"\}$/)
    assert.deepEqual(lines.slice(1), ['', '{"id":"b","card":null}', '{"id":"c"}'])
    assert.equal(statSync(join(folder, 'out.jsonl')).mode & 0o777, 0o600)

    await run(folder, 'rotate')
    writeFileSync(join(folder, 'in.jsonl'), readFileSync(join(folder, 'out.jsonl')))
    rmSync(join(folder, 'out.jsonl'))
    await run(folder, ...args)
    const ring = await openRing(folder)
    const { card } = JSON.parse(readOut(folder)[0] as string) as { card: string }
    assert.ok(!ring.isOutdated(card))
    assert.equal(decryptField(ring, card, ['customers', '7']), '4111')
  })

  test('that cannot be read are named by their line, and no output is left behind', async () => {
    const folder = openFolder()
    await run(folder, 'rotate')
    const moved = encryptField(await openRing(folder), '4111', ['customers', '8'])
    await run(folder, 'rotate')
    for (const [line, message] of [
      [`{"id":7,"card":"${moved}"}`, /line 2: the ciphertext was changed, or belongs to another context/],
      ['{"id":7,"card":4111}', /line 2: \/card is no text/],
      ['{"card":"4111"}', /line 2: \/id, which the context needs/],
      ['{"id":7,"card":null,"card":null}', /line 2: an object has one name twice/],
      ['not json', /line 2: /],
    ] as const) {
      writeFileSync(join(folder, 'in.jsonl'), `{"id":1}\n${line}\n`)
      const { status, stderr } = await runCli(folder, 'secrets', ...args)
      assert.equal(status, 1)
      assert.match(stderr, message)
      assert.ok(!existsSync(join(folder, 'out.jsonl')))
      rmSync(join(folder, 'out.jsonl.part'), { force: true })
    }
    assert.equal((await runCli(folder, 'secrets', 'reencrypt', '--in', 'in.jsonl')).status, 2)
    writeFileSync(join(folder, 'out.jsonl'), 'mine')
    assert.match((await runCli(folder, 'secrets', ...args)).stderr, /is there already/)
  })

  test('are all there after the program was killed, again and again', { timeout: 120_000 }, async () => {
    const folder = openFolder()
    await run(folder, 'rotate')
    const before = await openRing(folder)
    const total = 20_000
    const records = Array.from({ length: total }, (_, id) => {
      return `{"id":${id},"card":"${encryptField(before, `card ${id}`, ['customers', String(id)])}"}\n`
    })
    writeFileSync(join(folder, 'in.jsonl'), records.join(''))
    await run(folder, 'rotate')
    const part = join(folder, 'out.jsonl.part')
    let [seen, kills] = [0, 0]
    while (kills < 4) {
      const child = start(folder, ...args)
      while (child.exitCode === null && sizeOf(part) <= seen) await sleep(2)
      if (child.exitCode !== null) break
      await kill(child)
      // A power cut may leave half a line behind.
      if (existsSync(part)) writeFileSync(part, '{"id":', { flag: 'a' })
      seen = sizeOf(part)
      kills++
    }
    assert.ok(kills >= 2, `killed ${kills} times only`)
    assert.match(await run(folder, ...args), /^20000 records are in out\.jsonl, [1-9]\d* of them from before/)
    const ring = await openRing(folder)
    const lines = readOut(folder)
    assert.equal(lines.length, total)
    for (const [id, line] of lines.entries()) {
      const record = JSON.parse(line) as { id: number; card: string }
      assert.equal(record.id, id)
      assert.ok(!ring.isOutdated(record.card))
      assert.equal(decryptField(ring, record.card, ['customers', String(id)]), `card ${id}`)
    }
    assert.ok(!existsSync(part) && !existsSync(`${part}.state`))
  })

  function sizeOf(path: string): number {
    return statSync(path, { throwIfNoEntry: false })?.size ?? 0
  }
})
