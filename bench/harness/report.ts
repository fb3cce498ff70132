import { type Claim, isClose, judge, type Requirement } from './claim.ts'
import { findDoubts } from './compare.ts'
import type { Measured, Result } from './scenario.ts'
import { type Spread, toSpread } from './statistics.ts'

export interface Report {
  readonly startedAt: string
  readonly rounds: number
  readonly seconds: number
  readonly machine: Readonly<Record<string, string>>
  readonly scenarios: readonly ScenarioReport[]
}

export interface ScenarioReport extends Result {
  readonly name: string
  readonly title: string
  /** Set where the scenario itself failed. */
  readonly error?: string
}

/** The whole report as Markdown: the claims first, then what they come from. */
export function toMarkdown(report: Report): string {
  const claims = report.scenarios.flatMap((scenario) => scenario.claims)
  return `${[
    '# Benchmark',
    `${report.startedAt}, ${report.rounds} interleaved rounds of ${report.seconds} s; the median of the rounds' ratios decides, the range beside it is their minimum and maximum.`,
    toTable([['claim', 'must reach', 'measured', 'verdict'], ...claims.map(toClaimRow)]),
    ...report.scenarios.map(toSection),
    '## Machine',
    Object.entries(report.machine)
      .map(([key, value]) => `- ${key}: ${value}`)
      .join('\n'),
  ].join('\n\n')}\n`
}

function toSection(scenario: ScenarioReport): string {
  const doubts = scenario.contenders === undefined ? [] : findDoubts(scenario.contenders)
  const notes = [...scenario.notes, ...doubts, ...(scenario.error === undefined ? [] : [`failed: ${scenario.error}`])]
  return [
    `## ${scenario.title}`,
    ...(scenario.contenders === undefined ? [] : [toTable(toContenderRows(scenario.contenders))]),
    ...(scenario.table === undefined ? [] : [toTable(scenario.table)]),
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}`).join('\n')]),
  ].join('\n\n')
}

function toContenderRows(contenders: readonly Measured[]): string[][] {
  const head = ['contender', 'req/s', 'range', 'p50 ms', 'p99 ms', 'server µs/req', 'server', 'load', 'failed', 'what']
  const rows = contenders.map(({ name, description, samples, unavailable }) => {
    if (samples.length === 0) return [name, '–', '–', '–', '–', '–', '–', '–', '–', unavailable ?? description]
    const spread = (pick: (sample: (typeof samples)[number]) => number | null): Spread | null => {
      const values = samples.map(pick).filter((value) => value !== null)
      return values.length === 0 ? null : toSpread(values)
    }
    const rate = spread((sample) => sample.requestsPerSecond) as Spread
    return [
      name,
      Math.round(rate.median).toString(),
      `${Math.round(rate.min)}–${Math.round(rate.max)}`,
      toText(spread((sample) => sample.p50Ms)),
      toText(spread((sample) => sample.p99Ms)),
      toText(spread((sample) => sample.serverMicros)),
      toPercent(spread((sample) => sample.serverShare)),
      toPercent(spread((sample) => sample.loadShare)),
      samples.reduce((sum, sample) => sum + sample.failed, 0).toString(),
      description,
    ]
  })
  return [head, ...rows]
}

function toClaimRow(claim: Claim): string[] {
  const verdict = judge(claim)
  const doubt = isClose(claim) ? ' (the range touches the bound)' : ''
  return [claim.text, toRequirementText(claim.must), toGotText(claim), `${verdict}${doubt}`]
}

function toRequirementText(must: Requirement): string {
  if ('report' in must) return 'report'
  return 'ratio' in must ? `${must.ratio} ${must.value} ×` : `${must.amount} ${must.value} ${must.unit}`
}

function toGotText({ must, got, why, beside }: Claim): string {
  if (got === null) return why ?? '–'
  const unit = 'unit' in must ? must.unit : '×'
  const range = got.min === got.max ? '' : ` (${toDigits(got.min)}–${toDigits(got.max)})`
  return `${toDigits(got.median)} ${unit}${range}${beside === undefined ? '' : `; ${beside}`}`
}

function toText(spread: Spread | null): string {
  return spread === null ? '–' : toDigits(spread.median)
}

function toPercent(spread: Spread | null): string {
  return spread === null ? '–' : `${Math.round(spread.median * 100)} %`
}

/** Three digits that say something. */
export function toDigits(value: number): string {
  if (value === 0 || Math.abs(value) >= 100) return Math.round(value).toString()
  return Number(value.toPrecision(3)).toString()
}

function toTable(rows: readonly (readonly string[])[]): string {
  const [head, ...others] = rows as [readonly string[], ...(readonly string[])[]]
  return [head, head.map(() => '---'), ...others].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
