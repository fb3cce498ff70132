import { parseAddress, toAddressText } from '../core/address.ts'

export type HostCheck = (header: string | undefined, localAddress: string | undefined) => boolean

/**
 * Makes the check of `Host` against DNS rebinding: a page whose name was pointed at this listener still asks for that
 * name. An address is right where the connection came to it; no name can be rebound to one.
 * @param names further names and addresses, for where something in between changes the address
 */
export function createHostCheck(names: readonly string[]): HostCheck {
  const own = new Set(['localhost', ...names.map(normalise)])
  return (header, localAddress) => {
    if (header === undefined) return false
    const name = normalise(header.replace(/:\d{1,5}$/, ''))
    return own.has(name) || (localAddress !== undefined && name === normalise(localAddress))
  }
}

function normalise(name: string): string {
  const address = parseAddress(name)
  return address === null ? name.toLowerCase() : toAddressText(address)
}
