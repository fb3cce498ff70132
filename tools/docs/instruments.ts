import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from '../../src/config/define-config.ts'
import { loadPolicies } from '../../src/runtime/load-policies.ts'
import { startSystem } from '../../src/runtime/system.ts'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { createTestKeyRing } from '../../test/support/key-ring.ts'

/** A metric as a running gateway shows it. */
export interface Instrument {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly labels: readonly string[]
}

/** Uses everything that counts something. */
const policyFile = (folder: string) =>
  defineConfig({
    version: 1,
    listen: {
      https: { host: '127.0.0.1', port: 0, certificate: 'dev' },
      http: { host: '127.0.0.1', port: 0, serve: true, reason: 'requests without certificates' },
      admin: { port: 0 },
    },
    server: { workers: 1 },
    log: { level: 'silent' },
    data: `sqlite:${folder}/portcullis.db`,
    antivirus: { clamd: `unix:${folder}/clamd.ctl` },
    secrets: { master: { key: `file:${folder}/master` } },
    identity: { issuer: 'https://127.0.0.1/identity', mail: { folder: `${folder}/mails` } },
    upstreams: { shop: { targets: ['http://127.0.0.1:1'] } },
    issuers: { main: { issuer: 'https://login.example.com/', audience: 'shop' } },
    policySets: {
      all: { policies: [join(folder, 'all.cedar')], entities: { url: 'https://directory.example.com/entities' } },
    },
    defaults: {
      securityHeaders: { reportPath: '/csp-reports' },
      rateLimit: { limit: '600/min', per: 'ip' },
      introspection: {
        issuer: 'https://login.example.com/',
        client: { id: 'portcullis', secret: `file:${folder}/secret` },
        audience: 'shop',
      },
      ipAccess: { deny: ['127.0.0.0/8'], mode: 'observe', reason: 'something that observe mode counts' },
    },
    routes: [
      {
        path: '/open',
        access: 'public',
        reason: 'a refusal by the upstream',
        upstream: 'shop',
        uploads: { types: ['text/plain'] },
      },
      {
        path: '/described',
        access: 'public',
        reason: 'a document',
        upstream: 'shop',
        validate: { openapi: join(folder, 'openapi.json') },
      },
      {
        path: '/orders',
        authenticate: ['apiKey', 'jwt', 'introspection', 'session', 'browserLogin', 'basic'],
        authorize: { roles: ['customer'], policy: 'all' },
        upstream: 'shop',
        encryptFields: { context: 'orders', fields: { card: { at: ['/card'] } } },
        mask: { values: { cardNumber: 'last4' } },
        injection: {},
      },
    ],
  })

/** Starts a gateway that uses everything, asks it a few things, and reads what it counted. */
export async function readInstruments(): Promise<Instrument[]> {
  const folder = await mkdtemp(join(tmpdir(), 'instruments-'))
  await writeFile(join(folder, 'all.cedar'), 'permit (principal, action, resource);')
  await writeFile(join(folder, 'secret'), 'a secret')
  await writeFile(join(folder, 'openapi.json'), '{"openapi":"3.1.0","paths":{}}')
  const masterKey = randomBytes(32).toString('base64')
  await writeFile(join(folder, 'master'), masterKey)
  const store = await openSqliteStore({ path: join(folder, 'portcullis.db') })
  await createTestKeyRing(store, masterKey)
  store.close()
  const system = await startSystem({ load: () => loadPolicies(policyFile(folder)), watched: [] })
  try {
    const urlOf = (name: string) => system.listeners.find((listener) => listener.name === name)?.url
    for (const path of ['/open', '/orders']) await (await fetch(`${urlOf('http')}${path}`)).body?.cancel()
    await (await fetch(`${urlOf('admin')}/live`)).body?.cancel()
    const authorization = `Bearer ${(await readFile(join(folder, 'metrics.token'), 'utf8')).trim()}`
    const response = await fetch(`${urlOf('admin')}/metrics`, { headers: { authorization } })
    return parseInstruments(await response.text())
  } finally {
    await system.stop(0)
    await rm(folder, { recursive: true })
  }
}

/** Reads Prometheus' text format. A metric without any series has no labels to tell: that is an error. */
export function parseInstruments(exposition: string): Instrument[] {
  const found = [...exposition.matchAll(/^# HELP (\S+) (.+)\n# TYPE \S+ (\w+)\n(\S.*)?$/gm)]
  return found
    .map(([, name = '', help = '', type = '', series = '']) => {
      if (!series.startsWith(name)) throw new Error(`nothing was counted under ${name}: policyFile must use it`)
      const labels = [...series.matchAll(/[{,](\w+)="/g)].map(([, label = '']) => label).filter((it) => it !== 'le')
      return { name, type, help: help.replaceAll('\\n', ' ').replaceAll('\\\\', '\\'), labels }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}
