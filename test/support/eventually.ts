import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until `holds` does, and fails with `what` when it never does. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitMs = 3_000,
): Promise<void> {
  const end = performance.now() + limitMs
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`never came true: ${what}`)
    await sleep(5)
  }
}

/** Whether `work` ends within this time; a timer that is left would hold up the end of the tests. */
export async function endsWithin(limitMs: number, work: Promise<unknown>): Promise<boolean> {
  const timeUp = new AbortController()
  const ended = await Promise.race([
    work.then(() => true),
    sleep(limitMs, false, { signal: timeUp.signal }).catch(() => false),
  ])
  timeUp.abort()
  return ended
}
