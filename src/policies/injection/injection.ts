import { lookup } from 'node:dns/promises'
import { type Decision, next, type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import { type InjectionClass, injectionClasses } from '../../injection/finding.ts'
import { createHostCheck, type HostVerdict } from '../../injection/host-check.ts'
import { readInput } from '../../input/request-input.ts'
import { refuseViolations } from '../../input/violation.ts'
import { expectations } from './expectations.ts'
import { judgeBody } from './judge-body.ts'
import { createValueJudge, isPublicAddress, type Verdict } from './judge-values.ts'
import type { InjectionOptions } from './options.ts'

/** The largest `maxBodyBytes`. */
const mostBytes = 32 * 1024 * 1024

export function createInjection(options: InjectionOptions, deps: PolicyDeps): Hooks {
  const judge = createValueJudge(options)
  const checkHost = options.resolveUrls === undefined ? null : openHostCheck(options.resolveUrls.timeout, deps)
  const limitBytes = deps.mode === 'observe' ? mostBytes : options.maxBodyBytes
  const counters = Object.fromEntries(
    injectionClasses.map((kind) => [
      kind,
      deps.meter.counter('portcullis_injection_findings_total', 'Values that looked like an attack', { class: kind }),
    ]),
  ) as Readonly<Record<InjectionClass, { add(): void }>>

  function judgeHead(exchange: Exchange, verdict: Verdict): void {
    const { params, headers } = exchange
    for (const name in params) {
      const value = params[name] as string
      judge.judge('path', name, value, verdict, true)
      // The rest of a path is several values to the server behind.
      if (value.includes('/')) for (const one of value.split('/')) judge.judge('path', name, one, verdict, true)
    }
    if (exchange.query !== '') {
      const { query } = readInput(exchange)
      // A query that cannot be told apart is judged as it stands, and by what others may find in it; who wants it refused
      // has it validated. Some servers end a parameter at `;` too.
      if (!query.ok || exchange.query.includes(';')) {
        for (const text of readLoosely(exchange.query)) judge.judge('query', '', text, verdict, true)
      }
      if (query.ok) for (const [name, value] of query.pairs) judge.judge('query', name, value, verdict)
    }
    for (const name of options.headers) {
      const value = headers.get(name)
      if (value === undefined) continue
      for (const one of headers.all(name)) judge.judge('header', name, one, verdict, true)
    }
    if (options.cookies && headers.has('cookie')) {
      for (const [name, value] of readInput(exchange).cookies) judge.judge('cookie', name, value, verdict)
    }
  }

  function judgeWhole(exchange: Exchange, verdict: Verdict): Decision | Promise<Decision> {
    const readable = judgeBody(exchange, options, judge, verdict, limitBytes)
    const goOn = (decision: Decision) => (decision === next ? decide(exchange, verdict) : decision)
    return readable instanceof Promise ? readable.then(goOn) : goOn(readable)
  }

  function decide(exchange: Exchange, verdict: Verdict): Decision | Promise<Decision> {
    if (verdict.seen.length > 0) return refuseSeen(exchange, verdict)
    return checkHost === null || verdict.hosts.length === 0 ? next : decideHosts(exchange, verdict)
  }

  async function decideHosts(exchange: Exchange, verdict: Verdict): Promise<Decision> {
    const check = checkHost as (host: string) => Promise<HostVerdict>
    const found = await Promise.all(verdict.hosts.map(({ host }) => check(host)))
    for (const [i, one] of found.entries()) {
      const { in: part, at } = verdict.hosts[i] as Verdict['hosts'][number]
      if (one === 'inner')
        verdict.seen.push({ in: part, at, finding: { class: 'ssrf', rule: 'ssrf-resolved', score: 9 } })
    }
    if (verdict.seen.length > 0) return refuseSeen(exchange, verdict)
    return found.includes('unknown') && options.resolveUrls?.onFailure === 'refuse'
      ? refuse('injection_unresolved')
      : next
  }

  /** Tells place and rule, never the value. */
  function refuseSeen(exchange: Exchange, { seen }: Verdict): Refusal {
    for (const { finding } of seen) counters[finding.class].add()
    if (deps.mode === 'observe') {
      const places = seen.map(
        ({ in: part, at, finding }) => `${part} ${JSON.stringify(at.slice(0, 200))}: ${finding.rule} ${finding.score}`,
      )
      deps.log.warn('injection_observed', { requestId: exchange.id, route: deps.route.id, places })
    }
    return refuseViolations(
      'injection_suspected',
      seen.map(({ in: part, at, finding }) => ({
        in: part,
        at,
        rule: finding.rule,
        expected: expectations[finding.class],
      })),
    )
  }

  return {
    validate(exchange) {
      const verdict: Verdict = { seen: [], hosts: [] }
      judgeHead(exchange, verdict)
      const { bytes, declaredLength } = exchange.body
      const hasBody = bytes === null ? declaredLength !== 0 : bytes.length > 0
      if (verdict.seen.length > 0 || !hasBody) return decide(exchange, verdict)
      return judgeWhole(exchange, verdict)
    },
    waitsForBody: true,
  }
}

function readLoosely(query: string): readonly string[] {
  return [query, ...query.split(/[&;]/).map((pair) => pair.slice(pair.indexOf('=') + 1).replaceAll('+', ' '))]
}

/** One table of names for each thread. */
function openHostCheck(timeoutMs: number, { shared, now }: PolicyDeps) {
  return shared(`injection-hosts:${timeoutMs}`, () =>
    createHostCheck({
      lookup: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
      isPublic: isPublicAddress,
      now,
      timeoutMs,
      ttlMs: 30_000,
      maxEntries: 10_000,
      maxPending: 64,
    }),
  )
}
