import { renameSync, statSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { LogDestination } from './options.ts'

type RotatedFile = Exclude<LogDestination, 'stdout'>

const checkEveryMs = 5_000

/**
 * Sets a log file aside when it has grown, and deletes old ones; returns what ends that.
 * @param reopen makes every writer of this process begin anew
 */
export function startLogRotation(
  to: LogDestination,
  reopen: () => void,
  onError: (error: unknown) => void,
): () => void {
  if (to === 'stdout') return () => {}
  let busy = false
  const timer = setInterval(() => {
    if (busy) return
    busy = true
    rotateLog(to, new Date(), reopen)
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
  const due = setAside(file, now)
  if (due) reopen()
  await deleteOld(file, now)
  return due
}

/**
 * Several processes may write to the file and find it too large at once. Nothing is awaited between looking and
 * renaming, lest one of them sets aside what another one has just begun; their names differ, lest one replaces it.
 */
function setAside({ file, rotateAt }: RotatedFile, now: Date): boolean {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined || found.size < rotateAt) return false
  try {
    renameSync(file, `${file}.${now.toISOString().replace(/[:.]/g, '-')}-${process.pid}`)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

async function deleteOld({ file, keepFiles, keepFor }: RotatedFile, now: Date): Promise<void> {
  const folder = dirname(file)
  const prefix = `${basename(file)}.`
  const names = (await readdir(folder)).filter(
    (name) => name.startsWith(prefix) && /^\d{4}-\d\d-\d\dT/.test(name.slice(prefix.length)),
  )
  for (const [at, name] of names.sort().reverse().entries()) {
    const path = join(folder, name)
    // Another process may have deleted it.
    const found = await stat(path).catch(() => null)
    if (found !== null && (at >= keepFiles || now.getTime() - found.mtimeMs > keepFor)) await rm(path, { force: true })
  }
}
