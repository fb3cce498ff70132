import { randomBytes } from 'node:crypto'
import { link, readFile, stat, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createKeyFileText, parseKeyFile, type SigningKey } from './signing-keys.ts'

const fileName = 'signing-keys.json'

/** Keys in the data folder, made when they are first needed, read again when the file has changed. */
export interface SigningKeyFile {
  load(): Promise<readonly SigningKey[]>
}

export function createSigningKeyFile(folder: string, now: () => number): SigningKeyFile {
  const path = join(folder, fileName)
  let known: { readonly version: string; readonly keys: readonly SigningKey[] } | null = null

  async function load(): Promise<readonly SigningKey[]> {
    const found = (await findFile(path)) ?? (await createFile(path, now()))
    if (known?.version === found.version) return known.keys
    checkMode(path, found.mode)
    const keys = parseFile(path, await readFile(path, 'utf8'))
    known = { version: found.version, keys }
    return keys
  }

  return { load }
}

interface FoundFile {
  /** Differs when the file was replaced or written. */
  readonly version: string
  readonly mode: number
}

async function findFile(path: string): Promise<FoundFile | null> {
  try {
    const { ino, mtimeMs, size, mode } = await stat(path)
    return { version: `${ino}:${mtimeMs}:${size}`, mode }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** The file appears whole, or another process's does: all who start at once end up with the same keys. */
async function createFile(path: string, now: number): Promise<FoundFile> {
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`
  await writeFile(draft, await createKeyFileText(now), { mode: 0o600, flag: 'wx' })
  try {
    await link(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await unlink(draft)
  }
  const created = await findFile(path)
  if (created === null) throw new Error(`${path} disappeared while it was made`)
  return created
}

function checkMode(path: string, mode: number): void {
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new Error(`${path} holds private keys and other users may read it: run \`chmod 600\` on it`)
  }
}

function parseFile(path: string, text: string): readonly SigningKey[] {
  try {
    return parseKeyFile(text)
  } catch (error) {
    const advice = 'restore it, or remove it to get new keys'
    throw new Error(`the signing keys in ${path} cannot be used: ${(error as Error).message}; ${advice}`)
  }
}
