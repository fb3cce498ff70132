import { type SpawnOptions, spawn } from 'node:child_process'
import type { Socket } from 'node:net'

/** Another program that a test runs. */
export interface RunningProgram {
  /** Everything that it has written. */
  readonly output: () => string
  readonly hasEnded: () => boolean
  signal(signal: NodeJS.Signals): void
  /** Asks it to end, and cuts it off when it takes longer. Resolves when it has ended. */
  stop(limitMs?: number): Promise<void>
}

/** Starts a program that never outlives the tests: it keeps their process from nothing, and is killed at its end. */
export function startProgram(
  command: string,
  args: readonly string[],
  cwd: string,
  user: Pick<SpawnOptions, 'uid' | 'gid'> = {},
): RunningProgram {
  const child = spawn(command, args, { ...user, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  let ended = false
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    ;(stream as Socket).unref()
  }
  child.unref()
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const end = new Promise<void>((resolve) => {
    const finish = () => {
      ended = true
      process.off('exit', kill)
      resolve()
    }
    child.once('close', finish)
    child.once('error', (error) => {
      text += String(error)
      finish()
    })
  })
  return {
    output: () => text,
    hasEnded: () => ended,
    signal: (signal) => void child.kill(signal),
    async stop(limitMs = 10_000) {
      if (ended) return
      child.kill('SIGTERM')
      const late = setTimeout(kill, limitMs)
      await end
      clearTimeout(late)
    },
  }
}
