import { domainToASCII } from 'node:url'
import { z } from 'zod'
import { parseAddress, toAddressText } from '../../core/address.ts'

const label = '[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?'
const hostName = new RegExp(`^(?=.{1,253}$)${label}(?:\\.${label})*$`)
/** `010.0.0.1` and `0x7f.1` are addresses to some programs and names to others. */
const numericEnd = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/

/** The host names that a route is for: exact, or `*.example.com`. In the form in which requests name them. */
export function routeHost() {
  return z.string().transform((text, context): string => {
    const host = text.toLowerCase()
    const name = host.startsWith('*.') ? host.slice(2) : host
    const address = /^\[.*\]$/.test(host) ? parseAddress(host) : null
    if (address !== null) return `[${toAddressText(address)}]`
    if (isHostName(name) || (name === host && parseAddress(name)?.kind() === 'ipv4')) return host
    const message = 'must be a host name without port, such as api.example.com or *.example.com'
    context.addIssue({ code: 'custom', message, params: { hint: adviseHost(host) } })
    return z.NEVER
  })
}

/** The address that a listener binds, or a name that is looked up. */
export function listenHost() {
  return z.string().transform((text, context): string => {
    const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
    if (parseAddress(bare) !== null || isHostName(text.toLowerCase())) return bare
    const message = 'must be an address or a host name'
    context.addIssue({ code: 'custom', message, params: { hint: adviseHost(text.toLowerCase()) } })
    return z.NEVER
  })
}

function isHostName(text: string): boolean {
  return hostName.test(text) && !numericEnd.test(text)
}

function adviseHost(text: string): string | null {
  const withoutPort = text.replace(/^https?:\/\//, '').replace(/:\d*$/, '')
  const plain = withoutPort.replace(/\.$/, '')
  const ascii = /[^\0-\x7f]/.test(plain) ? domainToASCII(plain) : plain
  const isPossible = isHostName(ascii.replace(/^\*\./, '')) || parseAddress(ascii) !== null
  return ascii !== text && isPossible ? `Write "${ascii}".` : null
}
