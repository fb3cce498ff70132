import { randomBytes } from 'node:crypto'
import { link, readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const fileName = 'csrf.key'
const keyBytes = 32

/**
 * The key of all tokens, in the data folder, made when it is first needed: every thread and every instance of the
 * folder has the same. The file appears whole, or another process's does.
 */
export async function readTokenKey(folder: string): Promise<Uint8Array> {
  const path = join(folder, fileName)
  const present = await readIfThere(path)
  if (present !== null) return check(path, present)
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`
  await writeFile(draft, randomBytes(keyBytes), { mode: 0o600, flag: 'wx' })
  try {
    await link(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await unlink(draft)
  }
  return check(path, await readFile(path))
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function check(path: string, key: Buffer): Buffer {
  if (key.length === keyBytes) return key
  throw new Error(`${path} does not hold ${keyBytes} bytes: remove it and it is made anew`)
}
