import { randomBytes } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const fileName = 'dpop-nonce.key'
const keyLength = 32

/** The key of a deployment's nonces, made where there is none. The file appears whole, and all who start at once read the same. */
export async function readNonceKey(folder: string): Promise<Buffer> {
  const path = join(folder, fileName)
  const present = await readIfThere(path)
  if (present !== null) return present
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`
  await writeFile(draft, randomBytes(keyLength), { mode: 0o600, flag: 'wx' })
  try {
    await link(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(draft, { force: true })
  }
  return (await readIfThere(path)) as Buffer
}

async function readIfThere(path: string): Promise<Buffer | null> {
  const key = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (key !== null && key.length !== keyLength) {
    throw new Error(`${path} is damaged: remove it, and it is made anew`)
  }
  return key
}
