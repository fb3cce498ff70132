import {
  type Address,
  createNetworkSet,
  type NetworkSet,
  parseAddress,
  toAddressKey,
  toAddressText,
} from './address.ts'
import type { Client } from './exchange.ts'
import type { Fields } from './fields.ts'

export interface ClientOptions {
  /** Networks whose forwarding header is believed. */
  readonly trustProxies: readonly string[]
  /** The one header that those proxies write; the others may come from an attacker and are ignored. */
  readonly forwardingHeader: 'x-forwarded-for' | 'forwarded'
  /** 0 to 128; 64 unless there is a reason. */
  readonly ipv6Prefix: number
}

export interface ClientResolver {
  /** Who the client is, given the connection's peer and the request's fields. */
  resolve(peer: string, headers: Fields): Client
  /** What limits key a connection by before a request has come. */
  keyOf(peer: string): string
  /** Whether the peer is a proxy of ours. */
  trusts(peer: string): boolean
  /** The scheme that a trusted peer says its client came by: what it wrote last counts. Null where nobody may say. */
  schemeOf(peer: string, headers: Fields): string | null
}

const cacheLimit = 10_000

interface Peer {
  readonly client: Client
  readonly trusted: boolean
}

/** Derives client addresses; the only place that reads forwarding headers. */
export function createClientResolver(options: ClientOptions): ClientResolver {
  const trusted = createNetworkSet(options.trustProxies)
  const peers = new Map<string, Peer>()

  function peerOf(text: string): Peer {
    let peer = peers.get(text)
    if (peer === undefined) {
      if (peers.size >= cacheLimit) peers.clear()
      const address = parseAddress(text)
      peer = {
        client: toClient(address, text, text, options.ipv6Prefix),
        trusted: address !== null && trusted.includes(address),
      }
      peers.set(text, peer)
    }
    return peer
  }

  return {
    keyOf: (peer) => peerOf(peer).client.key,
    trusts: (peer) => trusted.size > 0 && peerOf(peer).trusted,
    schemeOf(text, headers) {
      if (trusted.size === 0 || !peerOf(text).trusted) return null
      const forwarded = options.forwardingHeader === 'forwarded'
      const last = lastElement(headers.all(forwarded ? 'forwarded' : 'x-forwarded-proto'))
      const scheme = forwarded ? readForwarded(last, 'proto') : last
      return scheme === null || scheme === '' ? null : scheme.toLowerCase()
    },
    resolve(text, headers) {
      const peer = peerOf(text)
      if (!peer.trusted) return peer.client
      const hops = headers.all(options.forwardingHeader).join(',')
      if (hops === '') return peer.client
      const address = lastUntrusted(readHops(hops, options.forwardingHeader), trusted)
      return address === null ? peer.client : toClient(address, toAddressText(address), text, options.ipv6Prefix)
    },
  }
}

/** Walks from the nearest hop to the farthest and stops at the first that is no proxy of ours, or cannot be read. */
function lastUntrusted(hops: readonly (Address | null)[], trusted: NetworkSet): Address | null {
  let last: Address | null = null
  for (let i = hops.length - 1; i >= 0; i--) {
    const hop = hops[i] as Address | null
    if (hop === null) return last
    last = hop
    if (!trusted.includes(hop)) return hop
  }
  return last
}

function readHops(value: string, header: ClientOptions['forwardingHeader']): (Address | null)[] {
  return value.split(',').map((entry) => {
    const text = header === 'forwarded' ? readForwarded(entry, 'for') : entry.trim()
    return text === null ? null : parseAddress(withoutPort(text))
  })
}

/** What the nearest proxy wrote: each one appends, in a field of its own or to the list. */
function lastElement(values: readonly string[]): string {
  const last = values.at(-1) ?? ''
  return last.slice(last.lastIndexOf(',') + 1).trim()
}

/** A parameter of one element of `Forwarded` (RFC 7239 section 4). */
function readForwarded(element: string, name: 'for' | 'proto'): string | null {
  for (const pair of element.split(';')) {
    const equals = pair.indexOf('=')
    if (equals !== -1 && pair.slice(0, equals).trim().toLowerCase() === name) {
      return pair
        .slice(equals + 1)
        .trim()
        .replace(/^"(.*)"$/, '$1')
    }
  }
  return null
}

function withoutPort(text: string): string {
  if (text.startsWith('[')) return text.slice(0, text.indexOf(']') + 1)
  return text.split(':').length === 2 ? text.slice(0, text.indexOf(':')) : text
}

function toClient(address: Address | null, text: string, peer: string, ipv6Prefix: number): Client {
  if (address === null) return { address: text, key: text, peer }
  return { address: toAddressText(address), key: toAddressKey(address, ipv6Prefix), peer }
}
