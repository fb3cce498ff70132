import ipaddr from 'ipaddr.js'
import { createAddressRanges, type Words } from './address-ranges.ts'

/** An IP address in one normalised form: IPv4-mapped IPv6 is IPv4, zone ids are gone. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6

/** Networks to look an address up in. */
export interface NetworkSet {
  readonly size: number
  includes(address: Address): boolean
  /** True where the whole network (`10.0.0.0/8`) lies within; throws on text that is none. */
  covers(cidr: string): boolean
}

// Octal and shortened forms (`010.1`, `127.1`) are read differently by different programs, so they are no address here.
const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

/** Reads an address as a socket or a proxy writes it, brackets allowed around IPv6; null when it is none. */
export function parseAddress(text: string): Address | null {
  if (ipv4.test(text)) return ipaddr.IPv4.parse(text)
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
  const zone = bare.indexOf('%')
  const plain = zone === -1 ? bare : bare.slice(0, zone)
  if (!plain.includes(':') || !ipaddr.IPv6.isValid(plain)) return null
  const address = ipaddr.IPv6.parse(plain)
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address
}

/** Whether a host to listen on or to call is this machine alone: `localhost`, `127.0.0.0/8` or `::1`. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || parseAddress(host)?.range() === 'loopback'
}

/** Reads `10.0.0.0/8`, `2001:db8::/32` or a single address; null when it is neither. */
export function parseCidr(text: string): readonly [Address, number] | null {
  const slash = text.indexOf('/')
  const address = parseAddress(slash === -1 ? text : text.slice(0, slash))
  if (address === null) return null
  const widest = address.kind() === 'ipv4' ? 32 : 128
  if (slash === -1) return [address, widest]
  const suffix = text.slice(slash + 1)
  if (!/^(?:0|[1-9]\d{0,2})$/.test(suffix)) return null
  const mapped = widest === 32 && text.includes(':')
  const prefix = Number(suffix) - (mapped ? 96 : 0)
  return prefix >= 0 && prefix <= widest ? [address, prefix] : null
}

/**
 * What is wrong with a network that a person wrote; null for one that is right. `10.1.2.3/8` is refused: whether the
 * host or the network was meant, the other one would be believed.
 */
export function checkNetwork(text: string): string | null {
  const network = text.includes('%') ? null : parseCidr(text)
  if (network === null) return 'is not an address or a network such as 10.0.0.0/8'
  const [address, prefix] = network
  const base = toNetworkBase(address, prefix)
  if (base === toAddressText(address)) return null
  return `names a host within a network: write ${base}/${prefix} for the network, ${toAddressText(address)} for the host`
}

function toNetworkBase(address: Address, prefix: number): string {
  const bytes = address.toByteArray()
  for (let i = 0; i < bytes.length; i++) {
    const bits = Math.min(8, Math.max(0, prefix - i * 8))
    bytes[i] = (bytes[i] as number) & ((0xff << (8 - bits)) & 0xff)
  }
  return toAddressText(ipaddr.fromByteArray(bytes))
}

/** Compiles networks; throws on text that `parseCidr` does not read. */
export function createNetworkSet(cidrs: readonly string[]): NetworkSet {
  const networks = cidrs.map(readCidr)
  const ranges = {
    ipv4: createAddressRanges('ipv4', toFamily(networks, 'ipv4')),
    ipv6: createAddressRanges('ipv6', toFamily(networks, 'ipv6')),
  }
  return {
    size: networks.length,
    includes: (address) =>
      'octets' in address ? ranges.ipv4.includes(address.octets) : ranges.ipv6.includes(address.parts),
    covers(cidr) {
      const [base, prefix] = readCidr(cidr)
      return ranges[base.kind()].covers(wordsOf(base), prefix)
    },
  }
}

function readCidr(text: string): readonly [Address, number] {
  const network = parseCidr(text)
  if (network === null) throw new TypeError(`"${text}" is not an address or a network`)
  return network
}

function toFamily(networks: readonly (readonly [Address, number])[], family: 'ipv4' | 'ipv6') {
  return networks.filter(([base]) => base.kind() === family).map(([base, prefix]) => [wordsOf(base), prefix] as const)
}

function wordsOf(address: Address): Words {
  return 'octets' in address ? address.octets : address.parts
}

/** The text of an address: dotted IPv4, RFC 5952 for IPv6. */
export function toAddressText(address: Address): string {
  return 'octets' in address ? address.toString() : address.toRFC5952String()
}

/**
 * The text that limits and bans are keyed by: the address for IPv4, its network for IPv6, because one subscriber
 * commonly holds a whole /64.
 */
export function toAddressKey(address: Address, ipv6Prefix: number): string {
  if ('octets' in address) return address.toString()
  return `${toNetworkBase(address, ipv6Prefix)}/${ipv6Prefix}`
}
