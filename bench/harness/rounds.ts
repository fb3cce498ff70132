import { allowedOrigin } from '../peers/answer-headers.ts'
import { type Contender, type Running, Unavailable } from './contender.ts'
import { type Sample, takeSample } from './sample.ts'
import type { Bench, Measured } from './scenario.ts'
import type { TokenRange } from './wrk.ts'

export interface RoundOptions {
  readonly contenders: readonly Contender[]
  /** The upstream's origin. */
  readonly upstream: string
  readonly path: string
  readonly connections: number
  /** What a measurement sends; asked for once per contender and round. Null: no credential. */
  readonly tokens: (round: number) => TokenRange | null
  /** Called with the fastest warm-up, before the first round. */
  readonly prepare?: (requestsPerSecond: number) => Promise<void>
  /** How often a disturbed measurement is taken, at most. Default 3; 1 where a repetition would find warm caches. */
  readonly attempts?: number
}

interface Entry {
  readonly contender: Contender
  readonly running: Running | null
  readonly fields: readonly string[]
  readonly samples: Sample[]
  readonly unavailable?: string
}

/** Long enough for V8 to have compiled what runs often. */
const warmUpSeconds = 2

/** A measurement during which others used more of the server's core than this is taken again. */
const disturbedShare = 0.05

/**
 * Measures contenders in interleaved rounds whose order rotates, so that none always runs after the same neighbour and
 * what slows the machine for a while does not hit one of them alone. All are started once and stay warm; who is not
 * measured has nothing to do.
 */
export async function runRounds(bench: Bench, options: RoundOptions): Promise<Measured[]> {
  await using open = new AsyncDisposableStack()
  const entries: Entry[] = []
  for (const contender of options.contenders) {
    try {
      const running = await contender.start({ bench, upstream: options.upstream })
      open.use(running.program)
      const fields = await running.program.until(() => readFields(running.origin + options.path, bench.tokens.sample))
      if (contender.authenticates) await checkForgery(running.origin + options.path, bench.tokens.sample)
      entries.push({ contender, running, fields, samples: [] })
    } catch (error) {
      if (!(error instanceof Unavailable)) throw new Error(`${contender.name}: ${(error as Error).message}`)
      entries.push({ contender, running: null, fields: [], samples: [], unavailable: error.message })
      bench.say(`${contender.name} is left out: ${error.message}`)
    }
  }

  const measure = (running: Running, tokens: TokenRange | null, seconds: number) => {
    running.program.emptyLog()
    const url = running.origin + options.path
    const wrk = { url, tokens, seconds, connections: options.connections, cores: bench.cores.load }
    return takeSample(wrk, running.program, bench.cores)
  }
  const started = entries.filter((entry) => entry.running !== null)
  let fastest = 0
  for (const { running } of started) {
    const sample = await measure(running as Running, bench.tokens.repeating, warmUpSeconds)
    fastest = Math.max(fastest, sample.requestsPerSecond)
  }
  await options.prepare?.(fastest)
  for (let round = 0; round < bench.rounds; round++) {
    for (const { contender, running, samples } of rotate(started, round)) {
      const sample = await takeCalmSample(options.attempts ?? 3, () =>
        measure(running as Running, options.tokens(round), bench.seconds),
      )
      samples.push(sample)
      bench.say(`round ${round + 1}/${bench.rounds} ${contender.name} ${Math.round(sample.requestsPerSecond)} req/s`)
    }
  }
  return entries.map(({ contender: { name, description }, fields, samples, unavailable }) => ({
    name,
    description,
    fields,
    samples,
    ...(unavailable !== undefined && { unavailable }),
  }))
}

/** The least disturbed of a few attempts; what it measured plays no part in the choice. */
export async function takeCalmSample(attempts: number, take: () => Promise<Sample>): Promise<Sample> {
  let calmest = await take()
  for (let attempt = 1; attempt < attempts && (calmest.foreignShare ?? 0) > disturbedShare; attempt++) {
    const next = await take()
    if ((next.foreignShare ?? 0) < (calmest.foreignShare ?? 0)) calmest = next
  }
  return calmest
}

export function rotate<T>(values: readonly T[], by: number): T[] {
  return values.map((_, i) => values[(i + by) % values.length] as T)
}

/** A request as the load will send it must succeed, or the load would measure refusals. */
async function readFields(url: string, token: string): Promise<string[]> {
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json', origin: allowedOrigin }
  const response = await fetch(url, { headers })
  const body = await response.text()
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${body.slice(0, 500)}`)
  return [...response.headers.keys()].sort()
}

/** A contender that lets everything through has nothing to do. */
async function checkForgery(url: string, token: string): Promise<void> {
  const at = token.length - 100
  const forged = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
  for (const headers of [{ authorization: `Bearer ${forged}` }, {}]) {
    const response = await fetch(url, { headers })
    await response.arrayBuffer()
    if (response.status !== 401) throw new Error(`it answered ${response.status} to a forged or missing token`)
  }
}
