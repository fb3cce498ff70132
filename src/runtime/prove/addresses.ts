import { randomInt } from 'node:crypto'
import type { Deployment } from '../../scanner/prober.ts'

export interface Addresses {
  /** The address that the deployment sees the prober under; null where that cannot be known. */
  readonly known: string | null
  /** An address that has used nothing up yet; null where there is only one. */
  fresh(): string | null
}

/** On loopback, Linux lets a program send from any address of 127.0.0.0/8. */
export function createAddresses(deployment: Deployment): Addresses {
  if (!isLoopback(deployment)) return { known: null, fresh: () => null }
  if (process.platform !== 'linux') return { known: '127.0.0.1', fresh: () => null }
  let next = randomInt(1 << 22)
  return {
    known: '127.0.0.1',
    fresh: () => {
      next++
      return `127.${1 + ((next >> 16) & 127)}.${(next >> 8) & 255}.${1 + (next & 127)}`
    },
  }
}

function isLoopback({ https, http }: Deployment): boolean {
  const host = (https ?? http)?.url.hostname ?? ''
  return host === 'localhost' || host.startsWith('127.')
}
