import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Whoever holds a lock for longer has died with it. */
const staleLockMs = 10_000
const lockPollMs = 50
const lockPatienceMs = 30_000

/** Makes the folder of generated keys and tokens, readable by its owner only. */
export async function openDataFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  return path
}

/**
 * Reads a secret file, making it first where it does not exist. Several processes may do so at once: the file appears
 * whole or not at all, and all of them read the same one. Throws where it is empty, which no secret is.
 */
export async function readOrCreate(folder: string, name: string, make: () => Buffer | string): Promise<Buffer> {
  const path = join(folder, name)
  const present = await readIfThere(path)
  if (present !== null) return present
  await withDraft(path, make(), async (draft) => {
    try {
      await link(draft, path)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
  })
  return (await readIfThere(path)) as Buffer
}

/**
 * Reads a secret file, making it where it does not exist and anew where it is not good any more. Of several processes
 * that find it so at once, one makes it and the others take that.
 */
export async function readOrRenew(
  folder: string,
  name: string,
  isGood: (content: Buffer) => boolean,
  make: () => Promise<string>,
): Promise<Buffer> {
  const path = join(folder, name)
  const readGood = async () => {
    const content = await readFile(path).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error
      return null
    })
    return content !== null && isGood(content) ? content : null
  }
  const unlocked = await readGood()
  if (unlocked !== null) return unlocked
  return withLock(`${path}.lock`, async () => {
    const made = await readGood()
    if (made !== null) return made
    const text = await make()
    await withDraft(path, text, (draft) => rename(draft, path))
    return Buffer.from(text)
  })
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    const content = await readFile(path)
    if (content.length === 0) throw new Error(`${path} is empty; remove it and it is made anew`)
    return content
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

/** Writes a file of its own, down to the disk, and removes it where `place` has not moved it. */
async function withDraft(path: string, content: Buffer | string, place: (draft: string) => Promise<void>) {
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await place(draft)
  } finally {
    await rm(draft, { force: true })
  }
}

async function withLock<T>(lock: string, work: () => Promise<T>): Promise<T> {
  const until = Date.now() + lockPatienceMs
  while (!(await takeLock(lock))) {
    if (Date.now() > until) throw new Error(`${lock} is held by another process; remove it where none runs`)
    await sleep(lockPollMs)
  }
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

async function takeLock(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { mode: 0o600, flag: 'wx' })
    return true
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
  const held = await stat(lock).catch(() => null)
  if (held !== null && Date.now() - held.mtimeMs > staleLockMs) await rm(lock, { force: true })
  return false
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
