import { createNetworkSet, parseAddress } from '../core/address.ts'

export type AddressVerdict = 'public' | 'private' | 'forbidden'

/** Networks of one's own: reachable where the configuration says so. */
const privateNetworks = createNetworkSet([
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10', // RFC 6598, carrier-grade NAT; also used inside clusters
  '::1/128',
  'fc00::/7',
])

/** IANA's special-purpose registries: nothing there is an ordinary public service. */
const forbiddenNetworks = createNetworkSet([
  '0.0.0.0/8', // Linux connects 0.0.0.0 to loopback
  '169.254.0.0/16', // link-local: the metadata services of clouds
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '2001::/23', // Teredo, ORCHID, benchmarking
  '2001:db8::/32',
  '2002::/16', // 6to4 carries an IPv4 address that a relay would reach
  '3fff::/20',
])

/** What IANA has given out as global unicast; everything else in IPv6 is special or unassigned. */
const globalUnicast = createNetworkSet(['2000::/3'])

const nat64 = createNetworkSet(['64:ff9b::/96'])

/** Judges an address as a socket would connect to it. What is no address is forbidden. */
export function checkAddress(text: string): AddressVerdict {
  const address = parseAddress(text)
  if (address === null) return 'forbidden'
  if (privateNetworks.includes(address)) return 'private'
  if (forbiddenNetworks.includes(address)) return 'forbidden'
  if (address.kind() === 'ipv4' || globalUnicast.includes(address)) return 'public'
  // RFC 6052: the last four bytes are the IPv4 address that the translator will connect to.
  if (nat64.includes(address)) return checkAddress(address.toByteArray().slice(12).join('.'))
  return 'forbidden'
}
