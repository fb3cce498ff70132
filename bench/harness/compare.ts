import type { Claim, Requirement } from './claim.ts'
import type { Measured } from './scenario.ts'
import { median, pairedRatios, toSpread } from './statistics.ts'

export interface Comparison {
  readonly text: string
  readonly of: string
  readonly to: string
  readonly must: Requirement
}

/** Turns rounds into claims about the throughput of one contender against another's. */
export function compare(measured: readonly Measured[], comparisons: readonly Comparison[]): Claim[] {
  return comparisons.map(({ text, of, to, must }) => {
    const pair = [of, to].map((name) => {
      const found = measured.find((entry) => entry.name === name)
      if (found === undefined) throw new Error(`there is no contender "${name}"`)
      return found
    })
    const why = pair.map(whyNot).find((reason) => reason !== null)
    if (why !== undefined && why !== null) return { text, must, got: null, why }
    const [ours, theirs] = pair.map(({ samples }) => samples.map(({ requestsPerSecond }) => requestsPerSecond))
    const beside = compareCpuTime(pair[0] as Measured, pair[1] as Measured)
    return {
      text,
      must,
      got: toSpread(pairedRatios(ours as number[], theirs as number[])),
      ...(beside !== null && { beside }),
    }
  })
}

/** The same ratio from the CPU time that each spent per request: what others on the machine disturb least. */
function compareCpuTime(ours: Measured, theirs: Measured): string | null {
  const micros = [ours, theirs].map(({ samples }) => samples.map(({ serverMicros }) => serverMicros))
  const [own, other] = micros.map((values) => values.filter((value) => value !== null)) as [number[], number[]]
  if (own.length === 0 || own.length !== other.length) return null
  return `by CPU time ${median(pairedRatios(other, own)).toFixed(2)} ×`
}

/** A contender that loses requests is not faster, whatever it counts. */
function whyNot({ name, samples, unavailable }: Measured): string | null {
  if (unavailable !== undefined) return `${name}: ${unavailable}`
  const failed = samples.reduce((sum, sample) => sum + sample.failed, 0)
  return failed > 0 ? `${name} failed ${failed} requests` : null
}

/** What makes a figure less sure: the load at its limit, or others on the server's core. */
export function findDoubts(measured: readonly Measured[]): string[] {
  return measured.flatMap(({ name, samples }) => {
    if (samples.length === 0) return []
    const server = mean(samples.map((sample) => sample.serverShare))
    const load = mean(samples.map((sample) => sample.loadShare))
    const foreign = mean(samples.map((sample) => sample.foreignShare))
    const doubts: string[] = []
    if (server !== null && load !== null && server < 0.95 && load > 0.95) {
      const micros = mean(samples.map((sample) => sample.serverMicros)) ?? Number.NaN
      doubts.push(
        `${name}: the load was at its limit (${toPercent(load)}) before the server (${toPercent(server)}); by its CPU time per request it could answer about ${Math.round(1e6 / micros)} req/s.`,
      )
    } else if (server !== null && load !== null && load > 0.95) {
      doubts.push(`${name}: load (${toPercent(load)}) and server (${toPercent(server)}) were both near their limit.`)
    }
    if (foreign !== null && foreign > 0.05) {
      doubts.push(`${name}: other work, the kernel's included, took ${toPercent(foreign)} of the server's core.`)
    }
    return doubts
  })
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}

function toPercent(share: number): string {
  return `${Math.round(share * 100)} %`
}

/** Which fields only one of two contenders sends: where they do not do the same work. */
export function compareFields(measured: readonly Measured[], one: string, other: string): string[] {
  const [a, b] = [one, other].map((name) => measured.find((entry) => entry.name === name)?.fields ?? [])
  if (a === undefined || b === undefined || a.length === 0 || b.length === 0) return []
  const onlyIn = (name: string, own: readonly string[], others: readonly string[]) => {
    const names = own.filter((field) => !others.includes(field))
    return names.length === 0 ? [] : [`Only ${name} sends ${names.join(', ')}.`]
  }
  const notes = [...onlyIn(one, a, b), ...onlyIn(other, b, a)]
  return notes.length === 0 ? [`${one} and ${other} send the same header fields.`] : notes
}
