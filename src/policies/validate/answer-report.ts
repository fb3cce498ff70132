import type { Verdict } from '../../contract/compile-contract.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { PolicyDeps } from '../../core/policy.ts'

/** One kind of violation is logged once: what an API answers otherwise than its document says, it does at each call. */
const maxKinds = 1000
const maxTold = 5

export interface AnswerReport {
  /** Counts a verdict; what is wrong in words for the log, null where nothing is. */
  tell(exchange: Exchange, status: number, verdict: Verdict): string | null
  countUnjudged(): void
  countRemoved(properties: number): void
}

export function createAnswerReport({ meter, log, route }: PolicyDeps): AnswerReport {
  const count = (verdict: string) =>
    meter.counter(
      'portcullis_validate_answers_total',
      'Answers that an OpenAPI document judged, and bodies that streamed by unjudged',
      { verdict },
    )
  const [met, violated, unjudged] = [count('met'), count('violated'), count('unjudged')]
  const removed = meter.counter(
    'portcullis_validate_removed_total',
    'Properties cut out of answers because the OpenAPI document does not list them',
  )
  const told = new Set<string>()
  return {
    tell(exchange, status, verdict) {
      if (verdict.kind === 'meets') {
        met.add()
        return null
      }
      violated.add()
      const places = describe(verdict)
      const detail = `${status}: ${places.join('; ')}`
      const kind = `${exchange.method} ${detail.replace(/\d+/g, '0')}`
      if (!told.has(kind) && told.size < maxKinds) {
        told.add(kind)
        log.warn('answer_violates_contract', { requestId: exchange.id, route: route.id, status, places })
      }
      return detail
    },
    countUnjudged: () => unjudged.add(),
    countRemoved: (properties) => removed.add(properties),
  }
}

function describe(verdict: Exclude<Verdict, { kind: 'meets' }>): string[] {
  switch (verdict.kind) {
    case 'violates':
      return verdict.violations.slice(0, maxTold).map((one) => `${one.in} ${one.at.slice(0, 200)}: ${one.rule}`)
    case 'unreadable':
      return [verdict.problem]
    case 'media-type':
      return ['its type is not listed']
  }
}
