import type { FieldPairs } from '../../core/decision.ts'
import type { Probe, ProbeTarget } from '../../core/probe.ts'
import { toFields, toHsts } from './header-fields.ts'
import type { SecurityHeadersOptions } from './options.ts'
import { productFields } from './product-fields.ts'
import { resolveHeaders } from './profiles.ts'

type Expected = Record<string, string | RegExp | null>

/** What every answer of the route must say, a refusal as well. */
export function createSecurityHeadersProbes(options: SecurityHeadersOptions, target: ProbeTarget): readonly Probe[] {
  const { method, path } = target
  const headers = toExpected(options, target.plainOnly === true)
  const probes: Probe[] = [
    {
      name: 'answers carry the security headers and name no product',
      kind: 'honest',
      standard: 'v5.0.0-3.4.1',
      requests: [{ method, path }],
      expect: { headers },
    },
    {
      name: 'refusals carry them too',
      kind: 'attack',
      standard: 'v5.0.0-3.4.1',
      requests: [
        { method, path, as: 'none' },
        { method, path, as: 'none', headers: [['origin', 'https://attacker.invalid']] },
      ],
      expect: { headers, judge: 'every' },
    },
    {
      name: 'answers in clear carry no transport rule',
      kind: 'honest',
      standard: 'RFC 6797 section 7.2',
      requests: [{ method, path, as: 'none', clear: true }],
      expect: { headers: { 'strict-transport-security': null } },
    },
  ]
  const { reportPath } = options
  if (reportPath === undefined) return probes
  return [...probes, ...createReportProbes(reportPath)]
}

function toExpected(options: SecurityHeadersOptions, plainOnly: boolean): Expected {
  const values = resolveHeaders(options)
  const { sent, csp } = toFields(options, values)
  const expected: Expected = {}
  // A proxy in front may say that it is one.
  const kept = new Set([...options.keepHeaders, 'via'])
  for (const name of productFields) if (!kept.has(name)) expected[name] = null
  // An upstream may add a policy of its own, or have it sent instead.
  const always = options.upstreamContentSecurityPolicy === 'prefer' ? [] : csp
  const pairs = [...sent, ...(plainOnly ? [] : toHsts(values.strictTransportSecurity)), ...always]
  for (let i = 0; i < pairs.length; i += 2) expected[pairs[i] as string] = toPattern(pairs[i + 1] as string)
  return expected
}

/** The value, alone or as a member of a list. */
function toPattern(value: string): RegExp {
  return new RegExp(`(?:^|, )${value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?:$|, )`)
}

function createReportProbes(path: string): Probe[] {
  const headers = (type: string): FieldPairs => [['content-type', type]]
  return [
    {
      name: 'reports of browsers are taken',
      kind: 'honest',
      requests: [
        {
          method: 'POST',
          path,
          as: 'none',
          toEndpoint: true,
          headers: headers('application/csp-report'),
          body: '{"csp-report":{"effective-directive":"default-src","blocked-uri":"inline","disposition":"report"}}',
        },
      ],
      expect: { status: [204] },
    },
    {
      name: 'what is no report is refused by the report endpoint',
      kind: 'attack',
      requests: [
        { method: 'POST', path, as: 'none', toEndpoint: true, headers: headers('text/plain'), body: 'x' },
        { method: 'POST', path, as: 'none', toEndpoint: true, headers: headers('application/csp-report'), body: '[]' },
        {
          method: 'POST',
          path,
          as: 'none',
          toEndpoint: true,
          headers: headers('application/reports+json'),
          body: { fillerBytes: 70_000 },
        },
      ],
      expect: {
        problem: ['unsupported_media_type', 'malformed_request', 'content_too_large'],
        judge: 'every',
      },
    },
  ]
}
