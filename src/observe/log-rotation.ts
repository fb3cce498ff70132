import { readdir, rename, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { LogDestination } from './options.ts'

type RotatedFile = Exclude<LogDestination, 'stdout'>

const checkEveryMs = 5_000

/** Sets a log file aside when it has grown, and deletes old ones. `reopen` makes every writer begin anew. */
export function startLogRotation(file: RotatedFile, reopen: () => void, onError: (error: unknown) => void): () => void {
  let busy = false
  const timer = setInterval(() => {
    if (busy) return
    busy = true
    rotateLog(file, new Date(), reopen)
      .catch(onError)
      .finally(() => {
        busy = false
      })
  }, checkEveryMs)
  timer.unref()
  return () => clearInterval(timer)
}

/** One round: resolves to whether the file was set aside. */
export async function rotateLog(file: RotatedFile, now: Date, reopen: () => void): Promise<boolean> {
  const due = (await sizeOf(file.file)) >= file.rotateAt
  if (due) {
    await rename(file.file, `${file.file}.${now.toISOString().replace(/[:.]/g, '-')}`)
    reopen()
  }
  await deleteOld(file, now)
  return due
}

async function deleteOld(file: RotatedFile, now: Date): Promise<void> {
  const folder = dirname(file.file)
  const prefix = `${basename(file.file)}.`
  const names = (await readdir(folder)).filter(
    (name) => /^\d{4}-\d\d-\d\dT/.test(name.slice(prefix.length)) && name.startsWith(prefix),
  )
  const newestFirst = names.sort().reverse()
  for (const [at, name] of newestFirst.entries()) {
    const path = join(folder, name)
    const { mtimeMs } = await stat(path)
    if (at >= file.keepFiles || now.getTime() - mtimeMs > file.keepFor) await unlink(path)
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch {
    return 0
  }
}
