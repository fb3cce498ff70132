import { closeSync, fstatSync, statSync, write, writeSync } from 'node:fs'
import { LineQueue } from './line-queue.ts'
import { type OpenDestination, openFile, openStandard } from './log-destination.ts'
import type { LogDestination } from './options.ts'

/** A destination of log lines that never blocks an exchange. */
export interface LogStream {
  /** @param line ends with a line break and is no longer than `maxLineBytes` */
  write(line: string): void
  /** Begins anew at the same path, after the file was set aside. */
  reopen(): void
  /** Writes out what is held and lets go of the file; gives up at once where that fails, or after a second. */
  close(): Promise<void>
  /** Lines that were lost because the destination did not take them. */
  readonly dropped: number
  /** Bytes that wait to be written. */
  readonly heldBytes: number
}

/** How long a line waits at most while as much is gathered as goes out at once: a write of its own would cost each dearly. */
const flushEveryMs = 200
/** How often it is looked whether the file still stands at its path. */
const followEveryMs = 5_000
const maxRetryMs = 100
const closeLimitMs = 1_000
const warnEveryMs = 60_000
const lineBreak = 0x0a

/** @throws where the file cannot be opened, in the operator's words */
export function openLogStream(to: LogDestination | 'stderr'): LogStream {
  if (typeof to === 'string') return new LineStream(openStandard(to === 'stdout' ? 1 : 2), null)
  return new LineStream(openFile(to.file), to.file)
}

/** Lines that are being written. */
interface Chunk {
  bytes: Buffer
  written: number
}

class LineStream implements LogStream {
  dropped = 0
  readonly #path: string | null
  readonly #queue = new LineQueue()
  readonly #timers: NodeJS.Timeout[]
  #to: OpenDestination
  #sending: Chunk | null = null
  /** Whether the system has it; otherwise it waits to be tried again. */
  #inFlight = false
  #retry: NodeJS.Timeout | undefined
  #retryMs = 0
  #warnedAt = Number.NEGATIVE_INFINITY
  #reopenDue = false
  #closing: PromiseWithResolvers<void> | null = null
  #ended = false

  constructor(to: OpenDestination, path: string | null) {
    this.#to = to
    this.#path = path
    this.#timers = [setInterval(() => this.#sendNext(), flushEveryMs).unref()]
    if (path !== null) this.#timers.push(setInterval(() => this.#follow(path), followEveryMs).unref())
    openStreams.add(this)
  }

  get heldBytes(): number {
    return this.#queue.bytes + (this.#sending?.bytes.length ?? 0)
  }

  write(line: string): void {
    if (this.#ended || !this.#queue.add(line, this.#to.maxWriteBytes)) this.dropped++
    else if (this.#queue.bytes >= this.#to.maxWriteBytes) this.#sendNext()
  }

  reopen(): void {
    if (this.#path === null || this.#ended) return
    this.#reopenDue = true
    if (this.#sending === null) this.#openAnew()
  }

  close(): Promise<void> {
    if (this.#closing !== null) return this.#closing.promise
    this.#closing = Promise.withResolvers()
    const limit = setTimeout(() => this.#end(), closeLimitMs)
    void this.#closing.promise.then(() => clearTimeout(limit))
    if (this.#sending === null) this.#sendNext()
    else if (!this.#inFlight) this.#sendAgain(this.#sending)
    return this.#closing.promise
  }

  /** What can be written without waiting, where the process ends without `close`. */
  writeNow(): void {
    try {
      const { fd } = this.#to
      if (this.#sending !== null && !this.#inFlight) writeSync(fd, this.#sending.bytes, this.#sending.written)
      for (let chunk = this.#queue.take(); chunk !== null; chunk = this.#queue.take()) writeSync(fd, chunk)
    } catch {
      // Nobody is left to be told.
    }
  }

  #sendNext(): void {
    if (this.#sending !== null || this.#ended) return
    if (this.#reopenDue) this.#openAnew()
    const bytes = this.#queue.take()
    if (bytes !== null) this.#send({ bytes, written: 0 })
    else if (this.#closing !== null) this.#end()
  }

  #send(chunk: Chunk): void {
    this.#sending = chunk
    this.#inFlight = true
    write(this.#to.fd, chunk.bytes, chunk.written, (error, written) => {
      this.#inFlight = false
      if (this.#ended) return this.#letGo()
      if (error !== null) return this.#sendLater(chunk, error)
      chunk.written += written
      if (chunk.written < chunk.bytes.length) return this.#send(chunk)
      this.#sending = null
      this.#retryMs = 0
      if (this.#queue.bytes >= this.#to.maxWriteBytes || this.#closing !== null) this.#sendNext()
    })
  }

  /** The disk is full, the pipe is as well, or nobody reads. What does not fit into the queue meanwhile is dropped. */
  #sendLater(chunk: Chunk, error: NodeJS.ErrnoException): void {
    if (error.code !== 'EAGAIN') {
      this.#warn(error)
      if (this.#closing !== null) {
        this.#end()
        return
      }
    }
    this.#retryMs = Math.min(maxRetryMs, this.#retryMs * 2 + 1)
    this.#retry = setTimeout(() => this.#sendAgain(chunk), this.#retryMs).unref()
  }

  #sendAgain(chunk: Chunk): void {
    clearTimeout(this.#retry)
    // Somebody may have deleted the file to make room, which it gives back when nobody holds it any more.
    const isNew = this.#reopenDue && this.#openAnew()
    this.#send(this.#to.isFile ? fromLineOn(chunk, isNew) : chunk)
  }

  #warn(error: Error): void {
    const now = performance.now()
    if (now - this.#warnedAt < warnEveryMs) return
    this.#warnedAt = now
    process.emitWarning(`the log cannot be written and is tried again: ${error.message}`)
  }

  /** Somebody else may have set the file aside: another process of ours, or the system's own rotation. */
  #follow(path: string): void {
    try {
      const own = fstatSync(this.#to.fd)
      const found = statSync(path, { throwIfNoEntry: false })
      if (found === undefined || found.ino !== own.ino || found.dev !== own.dev) this.reopen()
    } catch {
      // Its folder cannot be read at the moment; the file that is open is as good as before.
    }
  }

  #openAnew(): boolean {
    try {
      const to = openFile(this.#path as string)
      closeSync(this.#to.fd)
      this.#to = to
      this.#reopenDue = false
      return true
    } catch {
      // Lines go to the file that was set aside until this works.
      return false
    }
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    for (const timer of this.#timers) clearInterval(timer)
    clearTimeout(this.#retry)
    if (this.#sending !== null) this.dropped += countLines(this.#sending.bytes, this.#sending.written)
    for (let lost = this.#queue.take(); lost !== null; lost = this.#queue.take()) this.dropped += countLines(lost, 0)
    if (!this.#inFlight) this.#letGo()
    this.#closing?.resolve()
  }

  /** Not before the last write has ended: its descriptor might be another file's by then. */
  #letGo(): void {
    this.#sending = null
    openStreams.delete(this)
    if (this.#to.fd > 2) closeSync(this.#to.fd)
  }
}

const openStreams = new Set<LineStream>()
process.on('exit', () => {
  for (const stream of openStreams) stream.writeNow()
})

/**
 * Half a line may have been written before the disk was full, by this thread or by another one: the line begins again,
 * on a line of its own.
 */
function fromLineOn({ bytes, written }: Chunk, isNewFile: boolean): Chunk {
  const rest = bytes.subarray(written === 0 ? 0 : bytes.lastIndexOf(lineBreak, written - 1) + 1)
  const isApart = isNewFile || rest[0] === lineBreak
  return { bytes: isApart ? rest : Buffer.concat([Buffer.of(lineBreak), rest]), written: 0 }
}

function countLines(bytes: Buffer, from: number): number {
  let count = 0
  for (let at = bytes.indexOf(lineBreak, from); at !== -1; at = bytes.indexOf(lineBreak, at + 1)) count++
  return count
}
