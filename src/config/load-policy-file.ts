import { constants, open, stat } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AnyPolicy } from '../core/policy.ts'
import { type CompileResult, compileSnapshot } from './compile-snapshot.ts'
import type { ConfigError } from './config-error.ts'

/** Ten thousand routes with room for comments. */
const maxBytes = 4 * 1024 * 1024
const moduleExtensions = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs']

export interface LoadOptions {
  readonly policies?: readonly AnyPolicy[]
  readonly embedded?: boolean
}

/**
 * Reads and compiles a policy file: YAML or JSON, or a module (`portcullis.config.ts`) whose default export is the
 * object. Never throws for what stands in the file; every error comes back at once.
 */
export async function loadPolicyFile(path: string, options: LoadOptions = {}): Promise<CompileResult> {
  const read = moduleExtensions.includes(extname(path)) ? await importObject(path) : await readText(path)
  return read.ok ? compileSnapshot(read.input, { ...options, file: path }) : read
}

type Read = { ok: true; input: string | object } | { ok: false; errors: readonly ConfigError[] }

async function readText(path: string): Promise<Read> {
  let bytes: Uint8Array
  try {
    bytes = await readBounded(path)
  } catch (error) {
    return failed(path, ...explainReadError(error as NodeJS.ErrnoException))
  }
  if (bytes.length > maxBytes) return failed(path, 'the file is larger than 4 MiB', 'No policy file is that large.')
  try {
    return { ok: true, input: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return failed(path, 'the file is not UTF-8 text', 'Save it as UTF-8.')
  }
}

/** At most one byte more than allowed, and never from a pipe, which may neither begin nor end. */
async function readBounded(path: string): Promise<Uint8Array> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const info = await file.stat()
    if (!info.isFile())
      throw Object.assign(new Error('not a file'), { code: info.isDirectory() ? 'EISDIR' : 'ENOTFILE' })
    const buffer = new Uint8Array(maxBytes + 1)
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

function explainReadError({ code, message }: NodeJS.ErrnoException): [message: string, hint: string | null] {
  switch (code) {
    case 'ENOENT':
      return ['there is no such file', 'portcullis init writes one.']
    case 'EISDIR':
      return ['this is a folder', 'Name the policy file in it.']
    case 'ENOTFILE':
      return ['this is not a regular file', null]
    case 'EACCES':
    case 'EPERM':
      return ['the file may not be read by this user', null]
    default:
      return [`the file cannot be read: ${message}`, null]
  }
}

async function importObject(path: string): Promise<Read> {
  try {
    // The time of its last change makes a reload import it anew.
    const { mtimeMs } = await stat(path)
    const module = await import(`${pathToFileURL(resolve(path)).href}?changed=${mtimeMs}`)
    const input: unknown = module.default
    if (typeof input === 'object' && input !== null) return { ok: true, input }
    return failed(path, 'the module has no default export that is an object', 'export default defineConfig({ … })')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'EACCES') return failed(path, ...explainReadError(error as NodeJS.ErrnoException))
    return failed(path, `the module cannot be loaded: ${(error as Error).message}`, null)
  }
}

function failed(file: string, message: string, hint: string | null): Read {
  return { ok: false, errors: [{ file, position: null, path: '', message, hint }] }
}
