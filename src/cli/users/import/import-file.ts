import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { KeyCommandError } from '../../keys/key-session.ts'
import { type ImportFormat, importFormats } from './read-entries.ts'

const maxInputBytes = 2 * 1024 * 1024 * 1024

/** Uses a file that is read twice; standard input is kept in one that nobody else can read, and taken away afterwards. */
export async function withImportFile<T>(
  file: string,
  input: () => AsyncIterable<Uint8Array>,
  use: (path: string) => Promise<T>,
): Promise<T> {
  if (file !== '-') return use(file)
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-import-'))
  try {
    const path = join(folder, 'users')
    await pipeline(limit(input()), createWriteStream(path, { mode: 0o600 }))
    return await use(path)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** By its ending, unless one is named: JSON lines where that says nothing. */
export function toFormat(file: string): ImportFormat {
  const ending = extname(file).slice(1).toLowerCase()
  return importFormats.find((format) => format === ending) ?? 'jsonl'
}

async function* limit(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of input) {
    bytes += chunk.length
    if (bytes > maxInputBytes) throw new KeyCommandError('Nothing was imported: it is longer than 2 GiB.')
    yield chunk
  }
}
