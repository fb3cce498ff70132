import { type Refusal, type Reply, refuse, reply } from '../core/decision.ts'
import { Fields } from '../core/fields.ts'
import { isNavigation } from '../core/is-navigation.ts'
import type { CompiledRoute, CompiledSnapshot } from './compiled.ts'
import { type Intake, readIntake } from './intake.ts'
import type { PeerCertificate } from './peer-certificate.ts'
import type { Match, Miss } from './router.ts'

/** A request as its protocol's server hands it over. */
export interface Incoming {
  readonly method: string
  readonly url: string
  readonly httpVersion: string
  /** `:authority` over HTTP/2, else null. */
  readonly authority: string | null
  readonly rawHeaders: readonly string[]
  /** Whether the connection itself is encrypted. */
  readonly encrypted: boolean
  readonly peer: string
  /** True where the connection itself can be handed over: only then does `Upgrade` mean anything. */
  readonly upgradable: boolean
  /** Absent where the connection was not asked for a certificate. */
  readonly certificate?: PeerCertificate | null
}

/** A request read and routed: everything of intake that does not depend on the protocol. */
export interface Reception {
  /** Null when the request could not be read. */
  readonly intake: Intake | null
  readonly route: CompiledRoute
  readonly params: Readonly<Record<string, string>>
  readonly scheme: 'http' | 'https'
  /** How the exchange ends once the route's policies have let it pass; null for a route that is to be forwarded. */
  readonly end: Refusal | Reply | null
  /** Whether it ends so before any policy is asked. */
  readonly atOnce: boolean
}

const noFields = new Fields()
const noParams: Readonly<Record<string, string>> = Object.freeze({})
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'])
const exposable = ['authorization', 'x-api-key', 'cookie'] as const

export function receive(incoming: Incoming, snapshot: CompiledSnapshot): Reception {
  const intake = readIntake(incoming.rawHeaders, incoming.url, incoming.authority, snapshot.server)
  if ('kind' in intake) return toFallback(snapshot, null, incoming.encrypted ? 'https' : 'http', intake)
  const scheme = schemeOf(incoming, intake, snapshot)
  if (intake.headerBytes > snapshot.server.maxHeaderBytes) {
    return toFallback(snapshot, intake, scheme, refuse('header_too_large', `${intake.headerBytes} bytes`))
  }
  if (!methods.has(incoming.method) && !snapshot.methods.has(incoming.method)) {
    return toFallback(snapshot, intake, scheme, refuse('method_not_implemented'))
  }
  if (scheme === 'http' && snapshot.plainHttp?.mode === 'redirect') {
    const reception = toFallback(snapshot, intake, scheme, answerPlain(incoming, intake, snapshot))
    // Were it granted, the browser would go on to send the credential, in clear.
    return { ...reception, atOnce: isPreflight(incoming.method, intake.headers) }
  }
  const method = routedMethod(incoming.method, intake.headers)
  const { target } = intake
  const found = snapshot.router.find(method, intake.host, target.path, target.encodedSlash)
  if (found.kind !== 'route') return toFallback(snapshot, intake, scheme, toRefusal(found))
  return { intake, route: found.route, params: found.params, scheme, end: null, atOnce: false }
}

/** What a trusted proxy says of its client; what anyone else says in its place is nothing. */
export function proxyFieldsOf({ peer }: Incoming, intake: Intake | null, { client }: CompiledSnapshot): Fields | null {
  return client.trusts(peer) ? (intake?.forwarding ?? noFields) : null
}

/** The credential fields that came in clear, for the log. */
export function exposedFields(headers: Fields): string[] {
  return exposable.filter((name) => headers.has(name))
}

function toFallback(
  snapshot: CompiledSnapshot,
  intake: Intake | null,
  scheme: Reception['scheme'],
  end: Refusal | Reply,
): Reception {
  return { intake, route: snapshot.fallback, params: noParams, scheme, end, atOnce: false }
}

/**
 * Over plain HTTP a person is sent to HTTPS and a program is refused: a program that is redirected would go on sending
 * its credential in clear with every call (ASVS v5.0.0-4.1.2).
 */
function answerPlain(incoming: Incoming, intake: Intake, snapshot: CompiledSnapshot): Refusal | Reply {
  const all = snapshot.plainHttp?.redirect === 'all'
  const httpsPort = snapshot.httpsPort()
  if (httpsPort === null || (!all && !isNavigation(incoming.method, intake.headers))) {
    return refuse('https_required')
  }
  const name = intake.host.replace(/:\d+$/, '')
  const port = httpsPort === 443 ? '' : `:${httpsPort}`
  const { path, query } = intake.target
  const location = `https://${name}${port}${path}${query === '' ? '' : `?${query}`}`
  return reply(all ? 301 : 308, [
    ['location', location],
    ['cache-control', 'no-store'],
  ])
}

/** A preflight is routed by the method that it asks for (Fetch standard, CORS-preflight request). */
function routedMethod(method: string, headers: Fields): string {
  if (method !== 'OPTIONS' || !headers.has('origin')) return method
  return headers.get('access-control-request-method') ?? method
}

function isPreflight(method: string, headers: Fields): boolean {
  return method === 'OPTIONS' && headers.has('origin') && headers.has('access-control-request-method')
}

function toRefusal(miss: Exclude<Match<CompiledRoute> | Miss, { kind: 'route' }>): Refusal {
  switch (miss.kind) {
    case 'no-route':
      return refuse('no_route')
    case 'no-host':
      return refuse('misdirected_request')
    case 'no-method':
      return refuse('method_not_allowed', undefined, { headers: [['allow', miss.allowed.join(', ')]] })
    case 'ambiguous':
      return refuse('path_ambiguous', `read carelessly, the path belongs to ${miss.other}`)
    case 'encoded-slash':
      return refuse('path_invalid', 'an escaped slash')
  }
}

function schemeOf(incoming: Incoming, intake: Intake, snapshot: CompiledSnapshot): 'http' | 'https' {
  if (incoming.encrypted) return 'https'
  if (intake.forwarding === null) return 'http'
  return snapshot.client.schemeOf(incoming.peer, intake.forwarding) === 'https' ? 'https' : 'http'
}
