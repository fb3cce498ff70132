import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Document, parseDocument } from 'yaml'
import { findFreePort } from './free-port.ts'
import { startProgram } from './program.ts'

export const deployFolder = fileURLToPath(new URL('../../deploy/prometheus', import.meta.url))

/** One series of a query's result. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** A Prometheus of its own, on a free port of loopback, with temporary data. */
export interface RunningPrometheus {
  /** The `data` of an answer of its API. */
  api<T>(path: string): Promise<T>
  query(expression: string): Promise<Sample[]>
  /** The value of an expression that gives one; NaN where it gives none. */
  value(expression: string): Promise<number>
  stop(): Promise<void>
}

/** Makes a copy of the example configuration that is quick; `adapt` makes it that of the test. */
export async function copyConfiguration(
  files: Readonly<Record<string, string>>,
  adapt: (configuration: Document) => void = () => {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'))
  await cp(deployFolder, folder, { recursive: true })
  const path = join(folder, 'prometheus.yml')
  const configuration = parseDocument(await readFile(path, 'utf8'))
  configuration.setIn(['global', 'scrape_interval'], '1s')
  configuration.setIn(['global', 'evaluation_interval'], '1s')
  adapt(configuration)
  await writeFile(path, String(configuration))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode: 0o600 })
  return folder
}

/** Starts it on such a copy, which goes when it stops. */
export async function startPrometheus(program: string, folder: string): Promise<RunningPrometheus> {
  const url = `http://127.0.0.1:${await findFreePort()}`
  const options = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${new URL(url).host}`,
    '--storage.tsdb.retention.time=1h',
    '--log.level=warn',
  ]
  const running = startProgram(program, options, folder)
  const stop = async () => {
    await running.stop()
    await rm(folder, { recursive: true, force: true })
  }
  async function api<T>(path: string): Promise<T> {
    const response = await fetch(`${url}/api/v1/${path}`, { signal: AbortSignal.timeout(5_000) })
    const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string }
    if (status !== 'success') throw new Error(`${path}: ${error}`)
    return data
  }
  async function query(expression: string): Promise<Sample[]> {
    type Result = { result: { metric: Record<string, string>; value: [number, string] }[] }
    const { result } = await api<Result>(`query?query=${encodeURIComponent(expression)}`)
    return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
  }

  for (let tries = 0; ; tries++) {
    const ready = await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (ready) break
    if (running.hasEnded() || tries > 400) {
      await stop()
      throw new Error(`prometheus did not start: ${running.output()}`)
    }
    await sleep(50)
  }
  return { api, query, value: async (expression) => (await query(expression))[0]?.value ?? Number.NaN, stop }
}
