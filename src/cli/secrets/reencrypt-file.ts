import { createReadStream } from 'node:fs'
import { type FileHandle, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { SecretsCommandError } from './secrets-session.ts'

export interface FileWork {
  readonly input: string
  /** It appears when all of it is done; until then there is `<output>.part`. */
  readonly output: string
  /** What a line becomes; throws where it cannot. */
  readonly change: (line: string, number: number) => string
  /** What was asked for, so that a work that was cut short is never gone on with in another way. */
  readonly asked: string
  readonly onProgress: (lines: number, share: number) => void
}

const maxLineBytes = 16 * 1024 * 1024
const flushBytes = 256 * 1024
const progressEveryMs = 1000

/**
 * Changes a file line by line. Cut short at any moment, it goes on where it was: what is finished stands in the part
 * file, in whole lines, and what stands there in half is done again.
 * @returns how many lines there are, and how many of them were done before
 */
export async function reencryptFile(work: FileWork): Promise<{ lines: number; before: number }> {
  const { input, output, change, onProgress } = work
  const part = `${output}.part`
  if (await exists(output)) throw new SecretsCommandError(`${output} is there already: it is not written over`)
  await checkSame(work, part)
  const file = await open(part, 'a+', 0o600)
  try {
    const before = await cutToWholeLines(file)
    const { size } = await stat(input)
    let [number, read, reportedAt] = [0, 0, performance.now()]
    let waiting: string[] = []
    let waitingBytes = 0
    const flush = async () => {
      await file.appendFile(waiting.join(''))
      waiting = []
      waitingBytes = 0
    }
    for await (const line of readLines(input)) {
      number++
      read += Buffer.byteLength(line) + 1
      if (number <= before) continue
      const changed = `${line === '' ? '' : changeLine(change, line, number)}\n`
      waiting.push(changed)
      waitingBytes += changed.length
      if (waitingBytes >= flushBytes) await flush()
      if (performance.now() - reportedAt < progressEveryMs) continue
      reportedAt = performance.now()
      onProgress(number, Math.min(1, read / size))
    }
    await flush()
    await file.sync()
    if (number < before) throw new SecretsCommandError(`${part} has more lines than ${input}: remove it to begin anew`)
    await rename(part, output)
    await rm(stateOf(part), { force: true })
    return { lines: number, before }
  } finally {
    await file.close()
  }
}

function changeLine(change: FileWork['change'], line: string, number: number): string {
  try {
    return change(line, number)
  } catch (error) {
    throw new SecretsCommandError(`line ${number}: ${(error as Error).message}`)
  }
}

/** The part of a work that was cut short is of use for the same work only. */
async function checkSame({ input, asked }: FileWork, part: string): Promise<void> {
  const { size, mtimeMs } = await stat(input).catch(() => {
    throw new SecretsCommandError(`${input} cannot be read`)
  })
  const wanted = JSON.stringify({ size, mtimeMs, asked })
  const begun = await readFile(stateOf(part), 'utf8').catch(() => null)
  if (begun === wanted) return
  if (begun !== null && (await isBegun(part))) {
    throw new SecretsCommandError(`${part} is of another input or of other options: remove it to begin anew`)
  }
  await rm(part, { force: true })
  await writeFile(stateOf(part), wanted, { mode: 0o600 })
}

function stateOf(part: string): string {
  return `${part}.state`
}

/** A part without a line is of no use to anybody. */
async function isBegun(part: string): Promise<boolean> {
  return ((await stat(part).catch(() => null))?.size ?? 0) > 0
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null
}

/** Counts whole lines and cuts off what stands behind the last of them. */
async function cutToWholeLines(file: FileHandle): Promise<number> {
  const buffer = Buffer.alloc(flushBytes)
  let [lines, end, position] = [0, 0, 0]
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position)
    if (bytesRead === 0) break
    for (let at = buffer.indexOf(10); at >= 0 && at < bytesRead; at = buffer.indexOf(10, at + 1)) {
      lines++
      end = position + at + 1
    }
    position += bytesRead
  }
  if (end < position) await file.truncate(end)
  return lines
}

async function* readLines(path: string): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0)
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const decode = (bytes: Uint8Array) => {
    try {
      return decoder.decode(bytes).replace(/\r$/, '')
    } catch {
      throw new SecretsCommandError(`${path} is not UTF-8`)
    }
  }
  for await (const chunk of createReadStream(path)) {
    const all = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer])
    let start = 0
    for (let at = all.indexOf(10); at >= 0; at = all.indexOf(10, start)) {
      yield decode(all.subarray(start, at))
      start = at + 1
    }
    rest = all.subarray(start)
    if (rest.length > maxLineBytes)
      throw new SecretsCommandError(`${path} has a line of more than ${maxLineBytes} bytes`)
  }
  if (rest.length > 0) yield decode(rest)
}
