import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'yaml'
import { findProgram } from '../tools/services/find-program.ts'
import { ask } from './support/admin.ts'
import { createTestAuthority } from './support/certificate-authority.ts'
import { createTestIssuer, type TestIssuer } from './support/issuer.ts'
import { copyConfiguration, deployFolder, type RunningPrometheus, startPrometheus } from './support/prometheus.ts'
import { type ServedGateway, serveGateway } from './support/served-gateway.ts'
import { requireService } from './support/services.ts'
import { startUpstreamServer, type TestUpstreamServer } from './support/upstream-server.ts'

function promtool(t: TestContext, args: readonly string[], cwd: string, input = ''): string | null {
  const program = requireService(t, 'promtool')
  if (program === undefined) return null
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, input, encoding: 'utf8', timeout: 30_000 })
  assert.equal(status, 0, `promtool ${args.join(' ')}:\n${stdout}${stderr}`)
  return stdout + stderr
}

describe('the example for Prometheus', () => {
  const text = readFileSync(join(deployFolder, 'alerts.yml'), 'utf8')
  const rules = (parse(text) as { groups: { rules: { alert: string; expr: string }[] }[] }).groups.flatMap(
    (group) => group.rules,
  )

  test('is a right configuration', async (t) => {
    const files = { 'portcullis.token': 'x', 'portcullis-remote.token': 'x', 'authority.pem': 'x' }
    const folder = await copyConfiguration(files)
    t.after(() => rm(folder, { recursive: true }))
    promtool(t, ['check', 'config', 'prometheus.yml'], folder)
  })

  test('has right rules', (t) => {
    const said = promtool(t, ['check', 'rules', 'alerts.yml'], deployFolder)
    if (said !== null) assert.match(said, new RegExp(`SUCCESS: ${rules.length} rules found`))
  })

  test('alerts when it must, and only then', (t) => {
    promtool(t, ['test', 'rules', 'alerts.test.yml'], deployFolder)
    const tested = readFileSync(join(deployFolder, 'alerts.test.yml'), 'utf8')
    for (const { alert } of rules) {
      assert.match(tested, new RegExp(`alertname: ${alert}, exp_alerts: \\[\\]`), `${alert} stays quiet in a test`)
      assert.match(tested, new RegExp(`alertname: ${alert}\\n`), `${alert} fires in a test`)
    }
  })

  test('asks for metrics that exist', () => {
    const page = readFileSync(join(import.meta.dirname, '../docs/metrics.md'), 'utf8')
    const used = rules.flatMap(({ expr }) => expr.match(/\bportcullis_\w+/g) ?? [])
    assert.ok(used.length > 10)
    for (const name of used) assert.ok(page.includes(`| \`${name}\` |`), name)
  })
})

// Only Linux shares a port between threads.
const threads = process.platform === 'linux' ? 2 : 1
const upstreamMs = 120
const addresses = 40

const isMissing = findProgram('prometheus') === undefined && process.env.CI !== 'true'

const options = {
  skip: isMissing && 'needs prometheus (apt-get install prometheus)',
  // Whole programs are started, which takes a while on a busy machine.
  timeout: 170_000,
}

describe('a real Prometheus', options, () => {
  let upstream: TestUpstreamServer
  let issuer: TestIssuer
  let gateway: ServedGateway
  let remote: ServedGateway
  let prometheus: RunningPrometheus
  let key: string

  before(async () => {
    upstream = await startUpstreamServer((request, response) => {
      if (request.url?.startsWith('/slow')) setTimeout(() => response.end('slow'), upstreamMs)
      else response.end('ok')
    })
    issuer = await createTestIssuer()
    const authority = await createTestAuthority()
    const started = await Promise.allSettled([
      serveGateway(gatewayFile(upstream, issuer)),
      serveGateway(async (folder) => {
        const { cert, key: privateKey } = await authority.issue(['gateway.internal'], { from: -1, to: 10 })
        await writeFile(join(folder, 'admin.pem'), cert)
        await writeFile(join(folder, 'admin.key'), privateKey)
        return remoteFile
      }),
    ])
    const [first, second] = started
    if (first.status === 'fulfilled') gateway = first.value
    if (second.status === 'fulfilled') remote = second.value
    for (const one of started) if (one.status === 'rejected') throw one.reason
    key = await gateway.createKey('shop-app')
    const folder = await copyConfiguration(
      {
        'portcullis.token': `${await gateway.readMetricsToken()}\n`,
        'portcullis-remote.token': await remote.readMetricsToken(),
        'authority.pem': authority.ca,
      },
      (configuration) => {
        const job = (at: number, ...path: (string | number)[]) => ['scrape_configs', at, ...path]
        configuration.setIn(job(0, 'static_configs', 0, 'targets', 0), new URL(gateway.adminUrl).host)
        // No name server knows it: the certificate is checked for the name all the same.
        configuration.setIn(job(1, 'static_configs', 0, 'targets', 0), new URL(remote.adminUrl).host)
        configuration.setIn(job(1, 'tls_config', 'server_name'), 'gateway.internal')
        const without = { job_name: 'without-token', static_configs: [{ targets: [new URL(gateway.adminUrl).host] }] }
        configuration.addIn(['scrape_configs'], configuration.createNode(without))
      },
    )
    prometheus = await startPrometheus(findProgram('prometheus') ?? 'prometheus', folder)
  })
  after(async () => {
    await prometheus?.stop()
    await Promise.all([gateway?.stop(), remote?.stop()])
    issuer?.close()
    await upstream?.close()
  })

  const call = async (path: string, headers: Record<string, string> = {}) =>
    (await ask(`${gateway.urls[0]}${path}`, { headers })).status

  /** Waits for a scrape after which an expression has this value. */
  async function becomes(expression: string, expected: number | ((value: number) => boolean)): Promise<void> {
    let value = Number.NaN
    for (let i = 0; i < 100; i++) {
      value = await prometheus.value(expression)
      if (typeof expected === 'number' ? value === expected : expected(value)) return
      await sleep(100)
    }
    assert.fail(`${expression} is ${value}, not ${expected}`)
  }

  const mine = (name: string, labels = '') => `sum(${name}{job="portcullis"${labels === '' ? '' : `,${labels}`}})`

  test('scrapes with the token, over HTTPS too, and not without', async () => {
    await becomes('up{job="portcullis"}', 1)
    await becomes('up{job="portcullis-remote"}', 1)
    await becomes('up{job="without-token"}', 0)
    type Targets = { activeTargets: { labels: { job: string }; lastError: string }[] }
    const { activeTargets } = await prometheus.api<Targets>('targets')
    const errorOf = (job: string) => activeTargets.find(({ labels }) => labels.job === job)?.lastError
    assert.equal(errorOf('portcullis'), '')
    assert.match(errorOf('without-token') ?? '', /401 Unauthorized/)
  })

  test('finds requests, refusals and sizes as they were', async () => {
    const token = await issuer.sign()
    const bad = `${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}`
    const statuses = new Map<number, number>()
    const send = async (times: number, path: string, headers: (i: number) => Record<string, string> = () => ({})) => {
      for (let i = 0; i < times; i++) {
        const status = await call(path, headers(i))
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
    }
    await send(7, '/orders/1', () => ({ 'x-api-key': key }))
    await send(3, '/orders/1', () => ({ 'x-api-key': bad }))
    await send(4, '/orders/1', () => ({ authorization: `Bearer ${token}` }))
    await send(2, '/orders/1')
    await send(addresses, '/open', (i) => ({ 'x-forwarded-for': `198.51.100.${i}` }))
    await send(5, '/open', () => ({ 'x-forwarded-for': '198.51.100.0' }))
    await send(6, '/slow')
    assert.deepEqual(
      [...statuses].sort(([a], [b]) => a - b),
      [
        [200, 7 + 4 + addresses + 2 + 6],
        [401, 3 + 2],
        [429, 3],
      ],
    )

    await becomes(mine('portcullis_requests_total'), 7 + 3 + 4 + 2 + addresses + 5 + 6)
    const expected: readonly (readonly [string, number])[] = [
      [mine('portcullis_requests_total', 'route="GET /orders/{id}",status="200"'), 11],
      [mine('portcullis_requests_total', 'route="GET /orders/{id}",status="401"'), 5],
      [mine('portcullis_requests_total', 'route="GET /open",status="429"'), 3],
      [mine('portcullis_refusals_total'), 8],
      [mine('portcullis_refusals_total', 'policy="api-key"'), 3],
      [mine('portcullis_refusals_total', 'policy="core",code="credential_missing"'), 2],
      [mine('portcullis_refusals_total', 'policy="rate-limit",code="rate_limit_exceeded"'), 3],
      [mine('portcullis_observed_total', 'policy="ip-access"'), 6],
      [mine('portcullis_rate_table_entries'), addresses],
      [
        `${mine('portcullis_jwt_verified_token_hits_total')} + ${mine('portcullis_jwt_verified_token_misses_total')}`,
        4,
      ],
      [`${mine('portcullis_api_key_cache_hits_total')} + ${mine('portcullis_api_key_cache_misses_total')}`, 7],
      [mine('portcullis_gateway_threads'), threads],
      [mine('portcullis_log_lines_dropped_total'), 0],
      [mine('portcullis_held_bytes'), 0],
      [mine('portcullis_policy_file_refused'), 0],
      [mine('portcullis_change_log_failing'), 0],
      [mine('portcullis_rate_table_rejections_total'), 0],
    ]
    for (const [expression, value] of expected) assert.equal(await prometheus.value(expression), value, expression)

    // Each thread remembers for itself.
    const between: readonly (readonly [string, number, number])[] = [
      [mine('portcullis_jwt_verified_tokens'), 1, 2],
      [mine('portcullis_jwt_issuer_keys'), 1, 2],
      [mine('portcullis_api_key_cached'), 1, 2],
      [mine('portcullis_connections'), 0, 10],
      [mine('portcullis_rate_table_capacity'), 2_000, 4_000],
      [mine('portcullis_change_log_age_seconds'), 0, 5],
      [mine('process_resident_memory_bytes'), 50e6, 2e9],
      [mine('process_cpu_seconds_total'), 0.1, 1e3],
      ['time() - process_start_time_seconds{job="portcullis"}', 1, 180],
    ]
    for (const [expression, least, most] of between) {
      const value = await prometheus.value(expression)
      assert.ok(value >= least && value <= most, `${expression} is ${value}`)
    }
  })

  test('tells the time of policies from that of the upstream', async () => {
    const average = (name: string) =>
      `sum(${name}_sum{job="portcullis",route="GET /slow"}) / sum(${name}_count{job="portcullis",route="GET /slow"})`
    await becomes('sum(portcullis_upstream_seconds_count{job="portcullis",route="GET /slow"})', 6)
    const [total, policies, answered] = await Promise.all([
      prometheus.value(average('portcullis_request_seconds')),
      prometheus.value(average('portcullis_policy_seconds')),
      prometheus.value(average('portcullis_upstream_seconds')),
    ])
    assert.ok(answered >= upstreamMs / 1000 - 0.01 && answered < 2, `the upstream took ${answered}`)
    assert.ok(policies > 0 && policies < answered / 2, `policies took ${policies}`)
    assert.ok(total >= answered && total < answered + policies + 1, `all took ${total}`)
    const slowest = await prometheus.value(
      'histogram_quantile(1, sum by (le) (portcullis_upstream_seconds_bucket{job="portcullis",route="GET /slow"}))',
    )
    assert.ok(slowest >= 0.1 && slowest <= 2.5, `the slowest bucket is ${slowest}`)
  })

  test('sees which target is not used, and alerts', async () => {
    await becomes('min(portcullis_upstream_target_usable{job="portcullis",upstream="shop"})', 1)
    await becomes('sum(portcullis_upstream_target_usable{job="portcullis",upstream="half"})', 1)
    await becomes('portcullis_upstream_target_usable{job="portcullis",target="127.0.0.1:1"}', 0)
    await becomes('count(ALERTS{alertname="PortcullisUpstreamTargetUnused",target="127.0.0.1:1"})', 1)
    type Rules = { groups: { rules: { name: string; health: string; lastError?: string }[] }[] }
    const rules = (await prometheus.api<Rules>('rules')).groups.flatMap((group) => group.rules)
    assert.deepEqual(
      rules.filter(({ health }) => health !== 'ok'),
      [],
    )
    assert.ok(rules.length >= 13)
  })

  test('knows when the certificate of the other gateway ends, and alerts', async () => {
    const [shown, ...more] = await prometheus.query('portcullis_certificate_expires_in_seconds')
    assert.deepEqual(more, [])
    assert.equal(shown?.labels.listener, 'admin')
    assert.match(shown?.labels.certificate ?? '', /admin\.pem$/)
    assert.ok(Math.abs((shown?.value ?? 0) - 10 * 86_400) < 300, `it ends in ${shown?.value} seconds`)
    await becomes('count(ALERTS{alertname="PortcullisCertificateEndsSoon"})', 1)
  })

  test('gets labels of the policy file only: no caller makes a series, or is named by one', async () => {
    const count = 'count({job="portcullis",__name__=~"portcullis_.+"})'
    // The first of its kind makes series; all others must not.
    await call('/nothing-0')
    await becomes(mine('portcullis_requests_total', 'route="fallback"'), 1)
    const before = await prometheus.value(count)
    for (let i = 1; i < 60; i++) {
      const headers = { 'x-forwarded-for': `203.0.113.${i}`, host: `host-${i}.example`, 'user-agent': `agent-${i}` }
      assert.equal(await call(`/nothing-${i}?a=${i}`, headers), 404)
    }
    await becomes(mine('portcullis_requests_total', 'route="fallback"'), 60)
    assert.equal(await prometheus.value(count), before)
    assert.ok(before < 400, `${before} series`)

    const selector = encodeURIComponent('{job="portcullis",__name__=~"portcullis_.+"}')
    const series = await prometheus.api<Record<string, string>[]>(`series?match[]=${selector}`)
    const values = new Set(series.flatMap((labels) => Object.values(labels)))
    for (const value of values) {
      assert.doesNotMatch(value, /nothing-|198\.51\.|203\.0\.113|host-\d|agent-\d|shop-app|customer-1|pck_|eyJ/, value)
    }
    const names = new Set(series.flatMap((labels) => Object.keys(labels)))
    const own = [
      'route',
      'status',
      'policy',
      'code',
      'upstream',
      'target',
      'state',
      'issuer',
      'audience',
      'within',
      'le',
    ]
    assert.deepEqual([...names.difference(new Set(['__name__', 'job', 'instance']))].sort(), own.sort())
  })

  test('has nothing to complain of in the text that it reads', async (t) => {
    const headers = { authorization: `Bearer ${await gateway.readMetricsToken()}` }
    const { body } = await ask(`${gateway.adminUrl}/metrics`, { headers })
    const said = promtool(t, ['check', 'metrics'], '/', body)
    if (said !== null) assert.equal(said, '')
    type Metadata = Record<string, { type: string; help: string }[]>
    const metadata = await prometheus.api<Metadata>('metadata')
    assert.equal(metadata.portcullis_requests_total?.[0]?.type, 'counter')
    assert.equal(metadata.portcullis_policy_seconds?.[0]?.type, 'histogram')
    assert.equal(metadata.portcullis_upstream_target_usable?.[0]?.type, 'gauge')
  })

  test('notices a gateway that is gone, and alerts', async () => {
    await remote.stop()
    await becomes('up{job="portcullis-remote"}', 0)
    await becomes('count(ALERTS{alertname="PortcullisDown",job="portcullis-remote"})', 1)
    assert.equal(await prometheus.value('up{job="portcullis"}'), 1)
  })
})

function gatewayFile(upstream: TestUpstreamServer, issuer: TestIssuer): string {
  const open = 'access: public, reason: a test, methods: [GET], upstream: shop'
  return `version: 1
listen:
  http: { host: 127.0.0.1, port: 0, serve: true, reason: a test }
  admin: { port: 0 }
server: { workers: 2 }
log: { level: error }
counters: { memory: { maxKeys: 1024 } }
trustProxies: [127.0.0.0/8]
upstreams:
  shop: { targets: ["${upstream.url}"] }
  half:
    targets: ["${upstream.url}", "http://127.0.0.1:1"]
    health: { path: /, interval: 200ms, timeout: 1s, unhealthyAfter: 1 }
issuers:
  main:
    issuer: ${issuer.url}
    audience: shop
    jwksUrl: ${issuer.jwksUrl}
    allowPrivateAddress: { reason: a test }
    allowPlainHttp: { reason: a test }
routes:
  - { path: "/orders/{id}", methods: [GET], upstream: shop, authenticate: [apiKey, jwt] }
  - { path: /open, ${open}, rateLimit: { limit: 3/h, per: ip } }
  - { path: /slow, ${open}, ipAccess: { deny: [127.0.0.0/8], mode: observe, reason: a test } }
  - { path: /half, access: public, reason: a test, methods: [GET], upstream: half }
`
}

const remoteFile = `version: 1
listen:
  http: { host: 127.0.0.1, port: 0, serve: true, reason: a test }
  admin: { host: 0.0.0.0, port: 0, certificate: { cert: file:admin.pem, key: file:admin.key } }
server: { workers: 1 }
log: { level: error }
upstreams: { none: { targets: [http://127.0.0.1:1] } }
routes:
  - { path: /none, access: public, reason: a test, upstream: none }
`
