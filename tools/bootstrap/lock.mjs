import { closeSync, openSync, rmSync, statSync, utimesSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const heartbeatMs = 1_000
const pollMs = 200
const deadAfterMs = 5_000

/**
 * Runs `action` while holding a lock file, which dies with its owner: the owner touches it every second, and a waiter
 * that sees it untouched for five takes it over. (A process id in the file would mean nothing to a waiter in
 * another container.) `action` learns whether it had to wait.
 * @template T
 * @param {string} path
 * @param {() => void} onWait
 * @param {(waited: boolean) => Promise<T>} action
 * @returns {Promise<T>}
 */
export async function withLock(path, onWait, action) {
  const waited = await acquire(path, onWait)
  const release = () => rmSync(path, { force: true })
  const heartbeat = setInterval(() => touch(path), heartbeatMs)
  process.once('exit', release)
  try {
    return await action(waited)
  } finally {
    clearInterval(heartbeat)
    process.off('exit', release)
    release()
  }
}

async function acquire(path, onWait) {
  let seen = Number.NaN
  let seenAt = 0
  let waited = false
  while (!create(path)) {
    if (!waited) onWait()
    waited = true
    const touchedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs
    // Measured on this process's own clock, so that clocks that differ or a machine that slept do no harm.
    const now = performance.now()
    if (touchedAt !== seen) [seen, seenAt] = [touchedAt, now]
    else if (now - seenAt > deadAfterMs) rmSync(path, { force: true })
    await sleep(pollMs)
  }
  return waited
}

function create(path) {
  try {
    closeSync(openSync(path, 'wx'))
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function touch(path) {
  try {
    utimesSync(path, new Date(), new Date())
  } catch {
    // Taken over after this process was stopped for too long; the work under way is finished all the same.
  }
}
