import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until `holds` does, and fails with `what` when it never does. */
export async function eventually(what: string, holds: () => boolean, limitMs = 3_000): Promise<void> {
  const end = performance.now() + limitMs
  while (!holds()) {
    if (performance.now() > end) throw new Error(`never came true: ${what}`)
    await sleep(5)
  }
}
