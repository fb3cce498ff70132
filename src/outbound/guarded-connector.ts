import type { LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import { checkAddress } from './address-check.ts'
import { OutboundError } from './outbound-error.ts'

/** Resolves a name to all of its addresses. */
export type Resolve = (hostname: string) => Promise<LookupAddress[]>

export interface ConnectorOptions {
  readonly allowPrivate: boolean
  readonly connectTimeoutMs: number
  readonly resolve: Resolve
  /** PEM authorities that are trusted instead of the platform's. */
  readonly ca: string | undefined
}

/**
 * Connects only to addresses that are allowed. The addresses that were judged are the ones that the socket gets, so
 * a name that changes between a check and its use (DNS rebinding) gains nothing.
 */
export function createGuardedConnector(options: ConnectorOptions): buildConnector.connector {
  const connect = buildConnector({
    lookup: createGuardedLookup(options),
    timeout: options.connectTimeoutMs,
    allowH2: false,
    minVersion: 'TLSv1.2',
    ...(options.ca !== undefined && { ca: options.ca }),
  })
  return (target, callback) => {
    // The socket never looks an address literal up.
    const refusal = isIP(target.hostname) === 0 ? null : judge(target.hostname, [target.hostname], options.allowPrivate)
    if (refusal === null) connect(target, callback)
    else callback(refusal, null)
  }
}

function createGuardedLookup({ allowPrivate, resolve }: ConnectorOptions): LookupFunction {
  return (hostname, lookupOptions, callback) => {
    resolve(hostname).then(
      (found) => {
        const addresses = found.map(({ address }) => address)
        const refusal = judge(hostname, addresses, allowPrivate)
        const [first] = found
        if (refusal !== null || first === undefined) callback(refusal ?? noAddress(hostname), '', 0)
        else if (lookupOptions.all) callback(null, found)
        else callback(null, first.address, first.family)
      },
      (error: Error) => callback(error, '', 0),
    )
  }
}

/** One address that is not allowed condemns the name: an answer that mixes both is an attempt at getting through. */
function judge(hostname: string, addresses: readonly string[], allowPrivate: boolean): OutboundError | null {
  for (const address of addresses) {
    const verdict = checkAddress(address)
    if (verdict === 'public' || (verdict === 'private' && allowPrivate)) continue
    return new OutboundError('address_refused', `${hostname} stands for ${address}, a ${verdict} address`)
  }
  return null
}

function noAddress(hostname: string): OutboundError {
  return new OutboundError('unreachable', `${hostname} has no address`)
}
