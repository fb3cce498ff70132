import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { openLogStream } from '../../src/observe/log-stream.ts'

/** What a process of `log-stream.test.ts` does, given as JSON. */
export interface LogWork {
  /** A path, or `stdout`. */
  readonly to: string
  /** Lines per thread, and how long each is; lengths take turns. */
  readonly lines: number
  readonly lengths: readonly number[]
  /** Threads beside the main one, each with a stream of its own. */
  readonly threads: number
  /** How the process ends: after `close`, before it when all is written or when it gets SIGHUP, or without it. */
  readonly end: 'close' | 'drain' | 'reopen' | 'exit'
}

export const logWriter = fileURLToPath(import.meta.url)

/** A line of exactly this length, which shows whether it is whole. */
export function toLine(thread: number, number: number, length: number): string {
  const head = `{"thread":${thread},"number":${number},"rest":"`
  return `${head.padEnd(length - 3, 'abcdefghij'.repeat(length / 10))}"}\n`
}

if (process.argv[1] === logWriter) await work(JSON.parse(process.argv[2] as string), isMainThread ? 0 : workerData)

async function work({ to, lines, lengths, threads, end }: LogWork, thread: number): Promise<void> {
  const others: Promise<unknown>[] = []
  for (let i = 1; i <= threads && isMainThread; i++) {
    const worker = new Worker(logWriter, { workerData: i, argv: process.argv.slice(2) })
    others.push(new Promise((resolve) => worker.on('exit', resolve)))
  }
  const stream = openLogStream(
    to === 'stdout' ? 'stdout' : { file: to, rotateAt: 1e9, keepFiles: 1, keepFor: 3_600_000 },
  )
  const hangup = end === 'reopen' ? new Promise((resolve) => process.once('SIGHUP', resolve)) : null
  for (let i = 0; i < lines; i++) {
    stream.write(toLine(thread, i, lengths[i % lengths.length] as number))
    if (i % 20 === 19) await new Promise((resolve) => setImmediate(resolve))
  }
  if (end === 'exit') process.exit(3)
  if (hangup !== null) {
    const alive = setInterval(() => {}, 1_000)
    await hangup
    clearInterval(alive)
    stream.reopen()
  }
  while (end !== 'close' && stream.heldBytes > 0) await sleep(5)
  await stream.close()
  await Promise.all(others)
}
