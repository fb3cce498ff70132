import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const script = new URL('../load/requests.lua', import.meta.url).pathname

export interface WrkOptions {
  readonly url: string
  readonly seconds: number
  readonly connections: number
  /** For `taskset`; null leaves it unpinned. */
  readonly cores: string | null
  /** A file with one token per line, and which of them to take turns with. Null sends none. */
  readonly tokens: TokenRange | null
  /** After which a request counts as lost. */
  readonly timeoutSeconds?: number
}

export interface TokenRange {
  readonly file: string
  /** Bytes to skip. */
  readonly offset: number
  readonly count: number
  /** None may be sent twice: running out of them is an error. */
  readonly once?: boolean
}

export interface WrkResult {
  readonly requests: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly connect: number
  readonly read: number
  readonly write: number
  readonly timeout: number
  /** Answers outside 2xx and 3xx. */
  readonly status: number
  /** How often the tokens were used up and started again; 0 means that none was sent twice. */
  readonly rounds: number
}

/** Runs wrk with one thread: with two cores a second one would only take turns with the first. */
export async function runWrk(options: WrkOptions): Promise<WrkResult> {
  const { url, seconds, connections, cores, tokens, timeoutSeconds = 5 } = options
  const wrk = ['wrk', '-t1', `-c${connections}`, `-d${seconds}`, `--timeout=${timeoutSeconds}`, '-s', script, url, '--']
  if (tokens !== null) wrk.push(tokens.file, `${tokens.offset}`, `${tokens.count}`)
  const line = cores === null ? wrk : ['taskset', '-c', cores, ...wrk]
  const { stdout, stderr } = await run(line[0] as string, line.slice(1), { maxBuffer: 1 << 20 })
  const result = parseWrkOutput(stdout + stderr)
  if (tokens?.once && result.rounds > 0) throw new Error(`${tokens.count} tokens were too few for ${seconds} s`)
  return result
}

/** Reads the line that `load/requests.lua` writes at the end. */
export function parseWrkOutput(output: string): WrkResult {
  const line = output.split('\n').find((text) => text.startsWith('result '))
  if (line === undefined) throw new Error(`wrk did not report: ${output}`)
  return JSON.parse(line.slice('result '.length))
}
