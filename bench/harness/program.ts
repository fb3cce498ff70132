import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Unavailable } from './contender.ts'

export interface ProgramOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** For `taskset`; null leaves it unpinned. */
  readonly cores: string | null
  /** Where stdout goes, as an access log would: a real file. */
  readonly log: string
  readonly cwd?: string
}

const stopAfterMs = 5_000

/** A process that the benchmark started, and ends. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #exit: Promise<unknown>
  readonly #log: string

  constructor({ command, args, env, cores, log, cwd }: ProgramOptions) {
    const path = findProgram(command)
    if (path === null) throw new Unavailable(`${command} is not installed`)
    const line = cores === null ? [path, ...args] : ['taskset', '-c', cores, path, ...args]
    // Appending lets the log be emptied between rounds while the program goes on writing.
    writeFileSync(log, '')
    writeFileSync(`${log}.err`, '')
    const output = openSync(log, 'a')
    const errors = openSync(`${log}.err`, 'a')
    this.#log = log
    this.#child = spawn(line[0] as string, line.slice(1), {
      env: { ...process.env, NODE_ENV: 'production', ...env },
      stdio: ['ignore', output, errors],
      ...(cwd !== undefined && { cwd }),
    })
    closeSync(output)
    closeSync(errors)
    this.#exit = new Promise((resolve) => this.#child.once('exit', resolve).once('error', resolve))
    endWithUs.add(this.#child)
    this.#exit.then(() => endWithUs.delete(this.#child))
  }

  /** `taskset` replaces itself by what it starts, so this is the program's own. */
  get pid(): number {
    return this.#child.pid as number
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  get output(): string {
    return readFileSync(this.#log, 'utf8')
  }

  get errors(): string {
    return readFileSync(`${this.#log}.err`, 'utf8')
  }

  emptyLog(): void {
    truncateSync(this.#log, 0)
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Resolves to what `attempt` returns once it stops throwing; throws with the program's own words if it ends. */
  async until<T>(attempt: () => T | Promise<T>, timeoutMs = 10_000): Promise<T> {
    const deadline = performance.now() + timeoutMs
    for (;;) {
      // Asked first: what it wrote just before it ended still counts.
      const running = this.running
      try {
        return await attempt()
      } catch (error) {
        if (!running) throw new Error(`it ended at once: ${this.errors || this.output}`, { cause: error })
        if (performance.now() > deadline) throw new Error(`it was not ready in time: ${error}`, { cause: error })
        await sleep(5)
      }
    }
  }

  async stop(): Promise<void> {
    if (!this.running) return
    this.#child.kill('SIGTERM')
    await Promise.race([this.#exit, sleep(stopAfterMs, undefined, { ref: false })])
    if (this.running) this.#child.kill('SIGKILL')
    await this.#exit
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

const endWithUs = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of endWithUs) child.kill('SIGTERM')
})

function findProgram(command: string): string | null {
  if (command.includes('/')) return existsSync(command) ? command : null
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.map((folder) => join(folder, command)).find((path) => existsSync(path)) ?? null
}

/** CPU seconds that a process, its threads and its children have used; null where `/proc` does not say. */
export function readCpuSeconds(pid: number): number | null {
  if (!existsSync('/proc/self/schedstat')) return null
  let seconds = 0
  const open = [pid]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    try {
      for (const task of readdirSync(`/proc/${next}/task`)) {
        seconds += Number(readFileSync(`/proc/${next}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e9
        const children = readFileSync(`/proc/${next}/task/${task}/children`, 'utf8').trim()
        if (children !== '') open.push(...children.split(' ').map(Number))
      }
    } catch {
      // A thread or child that ended between the two reads took its time with it.
    }
  }
  return seconds
}

/** Resident memory of a process and its children, in bytes. */
export function readResidentBytes(pid: number): number | null {
  try {
    const own = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return own === null ? null : Number(own[1]) * 1024
  } catch {
    return null
  }
}
