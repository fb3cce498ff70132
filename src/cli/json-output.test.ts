import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { newSession } from '../../test/contracts/session-store.ts'
import { runCli } from '../../test/support/run-cli.ts'
import { createSessionStore } from '../stores/session-store.ts'
import { openSqliteStore } from '../stores/sqlite/sqlite-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-json-'))
after(() => rmSync(folder, { recursive: true }))

const page = readFileSync(join(import.meta.dirname, '../../docs/command-line.md'), 'utf8')

/** The example that the page shows below a heading. */
function documented(heading: string): unknown {
  const section = page.slice(page.indexOf(`### ${heading}\n`))
  const [, text] = /```json\n([\s\S]*?)```/.exec(section) ?? []
  assert.ok(text, `the page has no example of ${heading}`)
  return JSON.parse(text)
}

const file = (limit: string) => `version: 1
listen: { https: { certificate: dev, port: 1 } }
data: sqlite:data/portcullis.db
issuers: { main: { issuer: https://login.example.com/, audience: shop, keys: [env:PORTCULLIS_TEST_UNSET] } }
upstreams: { shop: { targets: [http://127.0.0.1:3000] } }
routes:
  - { path: "/orders/{id}", methods: [GET], upstream: shop, authenticate: [apiKey], rateLimit: ${limit} }
  - { path: /**, upstream: shop, access: public, reason: a test }
`
writeFileSync(join(folder, 'portcullis.yaml'), file('{ limit: 5/min }'))
writeFileSync(join(folder, 'next.yaml'), file('{ limit: 50/min }'))
writeFileSync(join(folder, 'wrong.yaml'), file('{ limit: 5/min }').replace('upstream: shop', 'upstream: shpo'))

async function json(exit: number, ...args: string[]): Promise<unknown> {
  const { status, stdout, stderr } = await runCli(folder, ...args, '--json')
  assert.equal(status, exit, stderr)
  assert.equal(stderr, '')
  return JSON.parse(stdout)
}

/** That both have the same keys with the same types, to their depths; what may be null is not compared. */
function assertShape(actual: unknown, expected: unknown, path: string): void {
  if (actual === null || expected === null) return
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (actual.length > 0 && expected.length > 0) assertShape(actual[0], expected[0], `${path}[0]`)
    return
  }
  assert.equal(typeof actual, typeof expected, path)
  // Options are those of the policy, parameters those of the route.
  if (typeof expected !== 'object' || /\.(options|params)$/.test(path)) return
  assert.deepEqual(Object.keys(actual as object).sort(), Object.keys(expected).sort(), path)
  for (const [key, value] of Object.entries(expected)) {
    assertShape((actual as Record<string, unknown>)[key], value, `${path}.${key}`)
  }
}

test('check, diff and explain write what the page says', async () => {
  assertShape(await json(0, 'check'), documented('check'), 'check')
  const diff = await json(1, 'diff', 'portcullis.yaml', 'next.yaml')
  assertShape(diff, documented('diff'), 'diff')
  const explained = await json(0, 'explain', 'GET', 'https://api.example.com/orders/7')
  assertShape(explained, documented('explain'), 'explain')
})

test('prove writes what the page says', async () => {
  assertShape(await json(1, 'prove', '--url', 'https://127.0.0.1:1', '--quiet'), documented('prove'), 'prove')
})

test('keys write what the page says', async () => {
  const view = documented('keys') as object
  const created = (await json(0, 'keys', 'create', '--owner', 'shop', '--role', 'customer')) as { id: string }
  assertShape(created, { ...view, key: 'pck_…' }, 'create')
  assertShape(await json(0, 'keys', 'list'), [view], 'list')
  assertShape(await json(0, 'keys', 'show', created.id), view, 'show')
  assertShape(await json(0, 'keys', 'rotate', created.id), { ...view, key: 'pck_…' }, 'rotate')
  assertShape(await json(0, 'keys', 'revoke', created.id), view, 'revoke')
})

test('migrate and audit write what the page says', async () => {
  assertShape(await json(0, 'migrate'), documented('migrate'), 'migrate')
  const [event] = (await json(0, 'audit', 'list')) as { detail: object }[]
  const { detail, ...rest } = documented('audit') as { detail: object }
  assert.equal(typeof detail, 'object')
  assertShape({ ...event, detail: {} }, { ...rest, detail: {} }, 'audit')
})

test('sessions write what the page says', async () => {
  const store = await openSqliteStore({ path: join(folder, 'data', 'portcullis.db') })
  const session = newSession({ createdAt: Date.now(), endsAt: Date.now() + 3_600_000 })
  await createSessionStore(store.db).create(session)
  store.close()
  const view = documented('sessions') as object
  assertShape(await json(0, 'sessions', 'list'), [view], 'list')
  assertShape(await json(0, 'sessions', 'revoke', session.id), { revoked: 1 }, 'revoke')
})

test('what keeps a command from its work is written alike by all', async () => {
  const failure = documented('failure')
  for (const args of [
    ['check', 'wrong.yaml'],
    ['diff', 'portcullis.yaml', 'wrong.yaml'],
    ['explain', 'GET', '/', '-c', 'wrong.yaml'],
    ['prove', '-c', 'wrong.yaml'],
    ['keys', 'list', '-c', 'wrong.yaml'],
    ['keys', 'show', 'x', '-c', 'nowhere.yaml'],
  ]) {
    assertShape(await json(2, ...args), failure, args.join(' '))
  }
  const both = (await json(2, 'diff', 'nowhere.yaml', 'wrong.yaml')) as { errors: { file: string }[] }
  assert.deepEqual(
    both.errors.map(({ file: name }) => name),
    ['nowhere.yaml', 'wrong.yaml'],
  )
  const unknown = (await json(1, 'keys', 'show', 'unknown')) as { errors: { message: string }[] }
  assertShape(unknown, failure, 'keys show')
  assert.match(unknown.errors[0]?.message ?? '', /There is no key "unknown"/)
})
