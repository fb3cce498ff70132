import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'

/** Reads a file that is named as `file:path`; throws an error that names the reference. */
export async function readReferredFile(reference: string, baseFolder: string): Promise<Uint8Array> {
  try {
    return await readFile(resolve(baseFolder, reference.slice('file:'.length)))
  } catch (error) {
    throw new Error(`${reference}: ${(error as Error).message}`)
  }
}

/**
 * Reads what a secret reference stands for; a file's final line break does not count.
 * Throws an error that names the reference and what to do, never the value.
 */
export async function readSecret(reference: string, baseFolder: string): Promise<string> {
  const colon = reference.indexOf(':')
  const kind = reference.slice(0, colon)
  const name = reference.slice(colon + 1)
  if (kind === 'env') {
    const value = process.env[name]
    if (value === undefined || value === '')
      throw new Error(
        `${reference}: the environment variable is not set; set it in the shell or the service that starts Portcullis`,
      )
    return value
  }
  if (kind === 'file') {
    try {
      return (await readFile(resolve(baseFolder, name), 'utf8')).replace(/\r?\n$/, '')
    } catch (error) {
      throw new Error(`${reference}: ${(error as Error).message}`)
    }
  }
  throw new Error(`${reference} is no reference to a secret; write env:NAME or file:path`)
}
