import { constants, open } from 'node:fs/promises'

/** Why a file cannot be read, in words for whoever named it. */
export interface ReadProblem {
  readonly message: string
  readonly hint: string | null
}

export const noSuchFile = 'there is no such file'

/** Reads a text file of at most so many bytes; never from a pipe, which may neither begin nor end. */
export async function readTextFile(path: string, maxBytes: number): Promise<string | ReadProblem> {
  let bytes: Uint8Array
  try {
    bytes = await readBounded(path, maxBytes)
  } catch (error) {
    return explainReadError(error as NodeJS.ErrnoException)
  }
  if (bytes.length > maxBytes) return { message: `the file is larger than ${maxBytes / 1024 ** 2} MiB`, hint: null }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return { message: 'the file is not UTF-8 text', hint: 'Save it as UTF-8.' }
  }
}

/** At most one byte more than allowed. */
async function readBounded(path: string, maxBytes: number): Promise<Uint8Array> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const info = await file.stat()
    if (!info.isFile()) {
      throw Object.assign(new Error('not a file'), { code: info.isDirectory() ? 'EISDIR' : 'ENOTFILE' })
    }
    const buffer = new Uint8Array(Math.min(info.size, maxBytes) + 1)
    let length = 0
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length)
      length += bytesRead
      if (bytesRead === 0 || length === buffer.length) return buffer.subarray(0, length)
    }
  } finally {
    await file.close()
  }
}

export function explainReadError({ code, message }: NodeJS.ErrnoException): ReadProblem {
  switch (code) {
    case 'ENOENT':
      return { message: noSuchFile, hint: null }
    case 'EISDIR':
      return { message: 'this is a folder', hint: 'Name the file in it.' }
    case 'ENOTFILE':
      return { message: 'this is not a regular file', hint: null }
    case 'EACCES':
    case 'EPERM':
      return { message: 'the file may not be read by this user', hint: null }
    default:
      return { message: `the file cannot be read: ${message}`, hint: null }
  }
}
