import { path } from '../load/answer.ts'
import { Program } from './program.ts'
import type { Bench } from './scenario.ts'

const honestClients = new URL('../load/honest-clients.ts', import.meta.url).pathname

/** What honest clients saw. */
export interface Honest {
  readonly requestsPerSecond: number
  /** Null where nothing was answered. */
  readonly p99Ms: number | null
  /** Requests that failed, or had no answer after two seconds. */
  readonly lost: number
}

/** Lets 16 honest clients ask, read and ask again for as long as a measurement lasts. */
export async function observeHonest(bench: Bench, origin: string): Promise<Honest> {
  const { hostname, port } = new URL(origin)
  await using honest = new Program({
    command: process.execPath,
    args: [honestClients, hostname, port, path, '16', String(bench.seconds)],
    env: { TOKEN: bench.tokens.sample },
    cores: bench.cores.load,
    log: `${bench.folder}/honest-clients.log`,
  })
  return await honest.until(() => JSON.parse(honest.output), (bench.seconds + 5) * 1_000)
}
