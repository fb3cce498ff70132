import { type Cores, readBusySeconds } from './cores.ts'
import { type Program, readCpuSeconds } from './program.ts'
import { runWrk, type WrkOptions, type WrkResult } from './wrk.ts'

/** One measurement of one contender. */
export interface Sample {
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Connection errors, timeouts and answers outside 2xx. */
  readonly failed: number
  /** CPU time of the server per request. */
  readonly serverMicros: number | null
  /** Share of the server's core that the server used. */
  readonly serverShare: number | null
  /** Share of the server's core that anything else used: how disturbed the round was. */
  readonly foreignShare: number | null
  /** Share of the load's cores that was busy. Near 1 while the server is not: the load was the limit. */
  readonly loadShare: number | null
}

/** Drives `program` with wrk and notes who used the cores meanwhile. */
export async function takeSample(options: WrkOptions, program: Program, cores: Cores): Promise<Sample> {
  const before = readClocks(program, cores)
  const result = await runWrk(options)
  const after = readClocks(program, cores)
  if (result.requests === 0) throw new Error(`${options.url} answered no request at all`)
  const serverSeconds = minus(after.program, before.program)
  const server = share(before.server, after.server)
  const wallSeconds = (after.atMs - before.atMs) / 1000
  const serverShare = serverSeconds === null ? null : serverSeconds / wallSeconds
  return {
    requestsPerSecond: result.requests / result.seconds,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    failed: countFailures(result),
    serverMicros: serverSeconds === null ? null : (serverSeconds * 1e6) / result.requests,
    serverShare,
    foreignShare: server === null || serverShare === null ? null : Math.max(0, server - serverShare),
    loadShare: share(before.load, after.load),
  }
}

function countFailures({ connect, read, write, timeout, status }: WrkResult): number {
  return connect + read + write + timeout + status
}

function readClocks(program: Program, cores: Cores) {
  return {
    atMs: performance.now(),
    program: readCpuSeconds(program.pid),
    server: readBusySeconds(cores.server),
    load: readBusySeconds(cores.load),
  }
}

type Clock = ReturnType<typeof readBusySeconds>

function share(before: Clock, after: Clock): number | null {
  if (before === null || after === null || after.total === before.total) return null
  return (after.busy - before.busy) / (after.total - before.total)
}

function minus(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b
}
