import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  createTestExchange,
  createTestPipeline,
  type TestPipeline,
  type TestRequest,
} from '../../../test/support/exchange.ts'
import { parseReports, parseReportType, reportDirectives } from './csp-report.ts'
import { reportEndpointName } from './csp-report-endpoint.ts'
import { securityHeaders } from './index.ts'

const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))

test('reads what the two ways of reporting send, without queries, fragments, users and samples', () => {
  const expected = {
    directive: 'script-src-elem',
    blocked: 'https://cdn.example.com/a.js',
    document: 'https://app.example.com/login',
    source: 'https://app.example.com/app.js',
    line: 12,
    disposition: 'enforce',
  }
  const classic = {
    'csp-report': {
      'document-uri': 'https://user:secret@app.example.com/login?token=secret#secret',
      'blocked-uri': 'https://cdn.example.com/a.js?key=secret',
      'violated-directive': "script-src-elem 'self'",
      'source-file': 'https://app.example.com/app.js?v=secret',
      'line-number': 12,
      'script-sample': 'secret()',
    },
  }
  assert.deepEqual(parseReports('csp-report', bytes(classic)), [expected])
  const modern = [
    { type: 'deprecation', body: { id: 'x' } },
    {
      type: 'csp-violation',
      url: 'https://app.example.com/login?token=secret',
      body: {
        documentURL: 'https://app.example.com/login?token=secret',
        blockedURL: 'https://cdn.example.com/a.js#secret',
        effectiveDirective: 'script-src-elem',
        sourceFile: 'https://app.example.com/app.js',
        lineNumber: 12,
        sample: 'secret()',
        disposition: 'enforce',
      },
    },
  ]
  assert.deepEqual(parseReports('reports', bytes(modern)), [expected])
  assert.doesNotMatch(JSON.stringify(parseReports('reports', bytes(modern))), /secret/)
})

test('what is no report is none, and what a report may hold is bounded', () => {
  for (const body of ['', '{', '[]', '{"csp-report":[]}', '{"csp-report":null}', '"x"', '\ufffe']) {
    assert.equal(parseReports('csp-report', bytes(body)), null, body)
  }
  assert.equal(parseReports('reports', bytes('{}')), null)
  assert.equal(parseReports('reports', Buffer.from([0x22, 0xff, 0x22])), null)
  assert.deepEqual(parseReports('reports', bytes([1, null, 'x', { type: 'csp-violation' }])), [])
  const many = Array.from({ length: 50 }, () => ({ type: 'csp-violation', body: {} }))
  assert.equal(parseReports('reports', bytes(many))?.length, 20)
  const [long] =
    parseReports('csp-report', bytes({ 'csp-report': { 'blocked-uri': `https://a.example/${'x'.repeat(9000)}` } })) ??
    []
  assert.equal(long?.blocked.length, 200)
})

test('whatever is sent, a report is small and its label is one that is counted', () => {
  const member = fc.constantFrom(
    'document-uri',
    'blocked-uri',
    'effective-directive',
    'violated-directive',
    'line-number',
    '__proto__',
  )
  const report = fc.dictionary(member, fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true }), fc.jsonValue()))
  fc.assert(
    fc.property(report, (value) => {
      const [read] = parseReports('csp-report', bytes({ 'csp-report': value })) ?? []
      assert.ok(read)
      assert.ok((reportDirectives as readonly string[]).includes(read.directive))
      assert.ok(JSON.stringify(read).length < 1000)
      for (const place of [read.blocked, read.document, read.source])
        assert.doesNotMatch(place, /[?#\s]|^https?:\/\/[^/]*@/)
    }),
    { numRuns: 400 },
  )
})

test('knows the types that browsers send', () => {
  assert.equal(parseReportType('application/csp-report'), 'csp-report')
  assert.equal(parseReportType('Application/Reports+JSON; charset=utf-8'), 'reports')
  for (const type of [undefined, '', 'application/json', 'text/plain', 'application/csp-reports']) {
    assert.equal(parseReportType(type), null, String(type))
  }
})

const reportPath = '/csp-reports'

async function send(pipeline: TestPipeline, request: TestRequest) {
  const { exchange } = await createTestExchange({ method: 'POST', path: reportPath, pipeline, ...request })
  const handle = pipeline.hooks[0]?.endpoints?.[reportEndpointName]
  assert.ok(handle)
  const result = await handle(exchange)
  return result.kind === 'refuse' ? result.code : result.status
}
const create = (now?: () => number) =>
  createTestPipeline([{ policy: securityHeaders, options: { reportPath } }], {}, now === undefined ? {} : { now })
const report = (directive: string) => ({
  headers: { 'content-type': 'application/csp-report' },
  body: JSON.stringify({ 'csp-report': { 'effective-directive': directive, 'blocked-uri': 'inline' } }),
})

test('the policy brings a public endpoint only where a path is given', () => {
  const endpoints = (options: object) => securityHeaders.endpoints(securityHeaders.options.parse(options))
  assert.deepEqual(endpoints({}), [])
  assert.deepEqual(
    endpoints({ reportPath }).map(({ path, methods }) => [path, methods]),
    [[reportPath, ['POST']]],
  )
})

test('reports are answered with 204, logged and counted by directive', async () => {
  const pipeline = await create()
  assert.equal(await send(pipeline, report('img-src')), 204)
  assert.equal(await send(pipeline, report('made-up-by-an-attacker')), 204)
  assert.equal(pipeline.counters.get('portcullis_csp_reports_total{directive="img-src"}'), 1)
  assert.equal(pipeline.counters.get('portcullis_csp_reports_total{directive="other"}'), 1)
  assert.equal(pipeline.counters.size, reportDirectives.length)
  assert.deepEqual([pipeline.log[0]?.event, pipeline.log[0]?.fields.blocked], ['csp_report', 'inline'])
})

test('what is no report is refused, and too much is not read', async () => {
  const pipeline = await create()
  assert.equal(
    await send(pipeline, { ...report('img-src'), headers: { 'content-type': 'text/plain' } }),
    'csp_report_type',
  )
  assert.equal(await send(pipeline, { ...report('img-src'), body: '{' }), 'csp_report_invalid')
  const large = Buffer.alloc(64 * 1024 + 1, ' ')
  assert.equal(await send(pipeline, { ...report('img-src'), body: large }), 'body_too_large')
  assert.equal(
    await send(pipeline, { ...report('img-src'), body: [large.subarray(0, 40_000), large.subarray(0, 40_000)] }),
    'body_too_large',
  )
  assert.deepEqual(pipeline.log, [])
})

test('a flood of reports is counted and does not fill the log', async () => {
  let time = 0
  const pipeline = await create(() => time)
  for (let i = 0; i < 200; i++) await send(pipeline, report('font-src'))
  assert.equal(pipeline.counters.get('portcullis_csp_reports_total{directive="font-src"}'), 200)
  assert.equal(pipeline.log.filter(({ event }) => event === 'csp_report').length, 60)
  assert.equal(pipeline.log.filter(({ event }) => event === 'csp_reports_muted').length, 1)
  time = 60_000
  await send(pipeline, report('font-src'))
  assert.equal(pipeline.log.at(-1)?.event, 'csp_report')
})
