import type { Finding, Report } from './finding.ts'

const fetched = new Set(['http:', 'https:', 'ws:', 'wss:'])
/** Names that stand for this machine, this network, or an address that is written in the name. */
const innerNames = ['localhost', 'localdomain', 'local', 'internal', 'intranet', 'corp', 'lan', 'home.arpa', 'svc']
const carryingNames = [
  'localtest.me',
  'lvh.me',
  'nip.io',
  'sslip.io',
  'xip.io',
  'vcap.me',
  'lacolhost.com',
  'yoogle.com',
]
/** What programs read differently: backslashes, blanks, full stops of other scripts. */
const confusing = /[\\\s\u3002\uff0e\uff61]/

/** Where clouds tell machines their secrets. */
const metadataHosts = ['169.254.169.254', 'metadata.google', '100.100.100.200', 'fd00:ec2']

export type IsPublic = (address: string) => boolean

/** What a URL that a program will fetch names; `host` is null where no look-up would tell more. */
export interface UrlVerdict {
  readonly finding: Finding | null
  readonly host: string | null
}

/**
 * Judges a value of a field that holds URLs, as a program that fetches it would read it (WHATWG URL): `0x7f.1`,
 * `2130706433` and `[::ffff:127.0.0.1]` are addresses.
 */
export function judgeUrl(text: string, isPublic: IsPublic): UrlVerdict {
  const trimmed = text.trim()
  if (trimmed === '') return passed
  const absolute = trimmed.startsWith('//') || trimmed.startsWith('\\\\') ? `http:${trimmed}` : trimmed
  const url = URL.parse(absolute)
  if (url === null) return /^[a-z][a-z0-9+.-]*:/i.test(absolute) ? seen('ssrf-malformed', 6) : passed
  if (!fetched.has(url.protocol)) return seen('ssrf-scheme', 8)
  if (url.username !== '' || url.password !== '') return seen('ssrf-userinfo', 7)
  const host = url.hostname.endsWith('.') ? url.hostname.slice(0, -1) : url.hostname
  const written = writtenHost(absolute)
  const isAddress = host.startsWith('[') || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)
  if (isAddress) {
    if (!isPublic(host)) return seen('ssrf-address', 9)
    return written.toLowerCase() === host ? passed : seen('ssrf-encoding', 6)
  }
  if (isInner(host)) return seen('ssrf-name', 8)
  if (!host.includes('.')) return seen('ssrf-name', 6)
  const isFolded = !isAscii(written) && !host.includes('xn--')
  if (confusing.test(trimmed) || isFolded) return seen('ssrf-encoding', 6)
  return { finding: null, host }
}

/** In fields that nobody said hold URLs: what no person would send as a value. */
export function judgeUrlText(text: string, report: Report): void {
  if (/^\s{0,8}(?:gopher|dict|ldaps?|tftp|netdoc):\/\//.test(text)) report('ssrf', 'ssrf-scheme', 6)
  if (!metadataHosts.some((one) => text.includes(one))) return
  if (
    /^\s{0,8}https?:\/\/(?:169\.254\.169\.254|metadata\.google\.internal|100\.100\.100\.200|\[fd00:ec2::254\])(?:[/:?]|$)/.test(
      text,
    )
  ) {
    report('ssrf', 'ssrf-metadata', 7)
  }
}

const passed: UrlVerdict = Object.freeze({ finding: null, host: null })

function seen(rule: string, score: number): UrlVerdict {
  return { finding: { class: 'ssrf', rule, score }, host: null }
}

function isInner(host: string): boolean {
  return [...innerNames, ...carryingNames].some((name) => host === name || host.endsWith(`.${name}`))
}

function writtenHost(text: string): string {
  const start = text.indexOf('//') + 2
  const end = text.slice(start).search(/[/?#\\]/)
  const authority = end === -1 ? text.slice(start) : text.slice(start, start + end)
  return authority.replace(/:\d*$/, '')
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}
