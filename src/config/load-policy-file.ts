import { stat } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AnyPolicy } from '../core/policy.ts'
import type { CompileResult } from './compile-snapshot.ts'
import { compileWithFiles } from './compile-with-files.ts'
import type { ConfigError } from './config-error.ts'
import { explainReadError, noSuchFile, type ReadProblem, readTextFile } from './read-text-file.ts'

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
  return read.ok ? compileWithFiles(read.input, { ...options, file: path }) : read
}

type Read = { ok: true; input: string | object } | { ok: false; errors: readonly ConfigError[] }

async function readText(path: string): Promise<Read> {
  const read = await readTextFile(path, maxBytes)
  return typeof read === 'string' ? { ok: true, input: read } : failed(path, read)
}

async function importObject(path: string): Promise<Read> {
  try {
    // The time of its last change makes a reload import it anew.
    const { mtimeMs } = await stat(path)
    const module = await import(`${pathToFileURL(resolve(path)).href}?changed=${mtimeMs}`)
    const input: unknown = module.default
    if (typeof input === 'object' && input !== null) return { ok: true, input }
    const hint = 'export default defineConfig({ … })'
    return failed(path, { message: 'the module has no default export that is an object', hint })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'EACCES') return failed(path, explainReadError(error as NodeJS.ErrnoException))
    const why = error instanceof Error ? error.message : String(error)
    return failed(path, { message: `the module cannot be loaded: ${why}`, hint: null })
  }
}

function failed(file: string, { message, hint }: ReadProblem): Read {
  const advice = message === noSuchFile ? 'portcullis init writes one.' : hint
  return { ok: false, errors: [{ file, position: null, path: '', message, hint: advice }] }
}
