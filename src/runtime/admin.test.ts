import assert from 'node:assert/strict'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, type TestContext, test } from 'node:test'
import { ask } from '../../test/support/admin.ts'
import { createTestAuthority, type TestAuthority } from '../../test/support/certificate-authority.ts'
import { testSnapshot } from '../../test/support/snapshot.ts'
import type { AdminListener, Snapshot } from '../config/snapshot.ts'
import { createObserver } from '../observe/observer.ts'
import { type Admin, openAdmin } from './admin.ts'
import { readLogOptions } from './log-options.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'admin-'))
})
afterEach(() => rm(folder, { recursive: true }))

const plain: AdminListener = { host: '127.0.0.1', port: 0, certificates: null, names: [], plainHttpReason: null }

function snapshotFor(admin: AdminListener | null): Snapshot {
  return testSnapshot({ baseFolder: folder, dataFolder: folder, listen: { https: null, http: null, admin } })
}

async function open(
  t: TestContext,
  admin: AdminListener | null = plain,
  warnings: string[] = [],
): Promise<Admin | null> {
  const snapshot = snapshotFor(admin)
  const observer = createObserver(readLogOptions(snapshot), 'test')
  const opened = await openAdmin(snapshot, folder, {
    observer: { ...observer, log: { ...observer.log, warn: (event) => void warnings.push(event) } },
    readMetrics: async () => [],
    isReady: () => true,
  })
  t.after(() => opened?.close())
  return opened
}

const readToken = () => readFile(join(folder, 'metrics.token'), 'utf8')

async function scrape(admin: Admin | null, token: string, ca?: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` }
  return (await ask(`${admin?.url}/metrics`, { headers, ...(ca !== undefined && { ca }) })).status
}

describe('the metrics token', () => {
  test('is made at the first start, for its owner only, and kept from then on', async (t) => {
    const first = await open(t)
    const token = await readToken()
    assert.match(token, /^[\w-]{43}\n$/)
    if (process.platform !== 'win32') {
      assert.equal((await stat(join(folder, 'metrics.token'))).mode & 0o777, 0o600)
    }
    assert.equal(await scrape(first, token.trim()), 200)
    assert.equal(
      await scrape(
        first,
        token.trim().replace(/^./, (letter) => (letter === 'a' ? 'b' : 'a')),
      ),
      401,
    )
    assert.equal(await scrape(await open(t), token.trim()), 200)
    assert.equal(await readToken(), token)
  })

  test('is another one in every installation', async (t) => {
    await open(t)
    const token = await readToken()
    await rm(join(folder, 'metrics.token'))
    await open(t)
    assert.notEqual(await readToken(), token)
  })

  test('may be provided, but not as a word that could be guessed', async (t) => {
    const own = 'provided-by-the-operator-0123456789'
    await writeFile(join(folder, 'metrics.token'), `${own}\r\n`)
    assert.equal(await scrape(await open(t), own), 200)
    for (const weak of ['admin\n', '\n', 'x'.repeat(31)]) {
      await writeFile(join(folder, 'metrics.token'), weak)
      await assert.rejects(open(t), /metrics\.token holds fewer than 32 characters; remove it and it is made anew/)
    }
  })

  test('that others can read is warned of', { skip: process.platform === 'win32' }, async (t) => {
    const warnings: string[] = []
    await open(t, plain, warnings)
    assert.deepEqual(warnings, [])
    await chmod(join(folder, 'metrics.token'), 0o640)
    await open(t, plain, warnings)
    assert.deepEqual(warnings, ['metrics_token_exposed'])
  })

  test('is not made where the file has no admin listener', async (t) => {
    assert.equal(await open(t, null), null)
    await assert.rejects(readToken(), /ENOENT/)
  })
})

describe('its certificates', () => {
  const files: AdminListener = { ...plain, certificates: [{ cert: 'cert.pem', key: 'key.pem' }] }

  async function issue(authority: TestAuthority): Promise<void> {
    const { cert, key } = await authority.issue(['localhost', '127.0.0.1'])
    await writeFile(join(folder, 'cert.pem'), cert)
    await writeFile(join(folder, 'key.pem'), key)
  }

  test('are renewed with a reload; bad ones leave those before', async (t) => {
    const [before, after] = [await createTestAuthority(), await createTestAuthority()]
    await issue(before)
    const admin = (await open(t, files)) as Admin
    const token = (await readToken()).trim()
    assert.equal(await scrape(admin, token, before.ca), 200)

    await writeFile(join(folder, 'cert.pem'), 'nonsense')
    await assert.rejects(admin.prepareCertificates(snapshotFor(files)), /cert\.pem: not a PEM certificate/)
    assert.equal(await scrape(admin, token, before.ca), 200)

    await issue(after)
    const show = await admin.prepareCertificates(snapshotFor(files))
    assert.equal(await scrape(admin, token, before.ca), 200)
    show()
    assert.equal(await scrape(admin, token, after.ca), 200)
    await assert.rejects(scrape(admin, token, before.ca))
  })

  test('of a listener that a reload changes wait for the restart that it needs', async (t) => {
    const authority = await createTestAuthority()
    await issue(authority)
    const admin = (await open(t, files)) as Admin
    const moved = snapshotFor({ ...files, certificates: [{ cert: 'none.pem', key: 'none.pem' }] })
    for (const next of [moved, snapshotFor(null), snapshotFor(plain)]) (await admin.prepareCertificates(next))()
    assert.equal(await scrape(admin, (await readToken()).trim(), authority.ca), 200)
  })
})
