import { createHmac } from 'node:crypto'

/** Nonces of a deployment: known to whoever has the key, so that nothing has to be remembered. */
export interface Nonces {
  current(now: number): string
  /** Those of the step before and of the next one hold too: a request takes its time, and clocks differ. */
  accepts(nonce: string, now: number): boolean
}

const stepMs = 60_000

/** Makes one nonce per minute out of a key (RFC 9449 section 9). */
export function createNonces(key: Buffer): Nonces {
  let step = Number.NaN
  let known: readonly [before: string, current: string, next: string] = ['', '', '']

  function at(now: number) {
    const wanted = Math.floor(now / stepMs)
    if (wanted !== step) {
      known = [nonceOf(wanted - 1), nonceOf(wanted), nonceOf(wanted + 1)]
      step = wanted
    }
    return known
  }

  function nonceOf(number: number): string {
    return createHmac('sha256', key).update(`dpop-nonce:${number}`).digest('base64url').slice(0, 32)
  }

  return {
    current: (now) => at(now)[1],
    accepts: (nonce, now) => at(now).includes(nonce),
  }
}
