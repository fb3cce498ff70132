import { BoundedCache } from '../../core/bounded-cache.ts'
import { absent, type Identification, type Identified, identified, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import { type Authorities, createAuthorities } from '../../crypto/x509/authorities.ts'
import { type Certificate, parseCertificate } from '../../crypto/x509/certificate.ts'
import { createIdentityMap } from './identity-map.ts'
import type { MtlsOptions } from './options.ts'
import { type ProxiedCertificate, readProxiedCertificate } from './proxied-certificate.ts'

/** Certificates whose caller, or whose path, is remembered. */
const maxKnown = 4_096

/** How often what is open is asked about: certificates of authorities and revocation lists come to their ends. */
const recheckMs = 60_000

interface Trusted {
  readonly until: number
  readonly by: Authorities
}

/** The authorities of the file that was read last, also for what was opened before that. */
interface Latest {
  authorities: Authorities
}

export async function createMtls(options: MtlsOptions, deps: PolicyDeps): Promise<Hooks> {
  const latest = options.authorities === undefined ? null : await shareAuthorities(options.authorities, deps)
  const toCaller = createIdentityMap(options.identities)
  const callers = new BoundedCache<Identified>({ maxEntries: maxKnown })
  const trusted = new BoundedCache<Trusted>({ maxEntries: maxKnown })
  const shown = deps.slot<ProxiedCertificate>()
  const { proxyField } = options

  function identify(exchange: Exchange): Identification {
    // A proxy of ours speaks for its client; the certificate that it shows itself is its own.
    if (proxyField !== undefined && exchange.proxyFields !== null) {
      const proxied = readProxiedCertificate(exchange.proxyFields, proxyField)
      if (proxied === null) return absent
      if (proxied === 'invalid') return refuse('mtls_field_invalid')
      shown.set(exchange, proxied)
      return judge(proxied)
    }
    return judgeConnection(exchange)
  }

  function judgeConnection({ carrier }: Exchange): Identification {
    const certificate = carrier.clientCertificate()
    if (certificate === null) return absent
    if (!certificate.trusted) return refuse('mtls_untrusted', certificate.problem)
    const known = latest === null ? callers.get(certificate.thumbprint) : undefined
    return known ?? judge({ raw: certificate.raw, chain: certificate.chain ?? [] })
  }

  function stillHolds(exchange: Exchange): boolean {
    const proxied = shown.get(exchange)
    const result = proxied === undefined ? judgeConnection(exchange) : judge(proxied)
    return result.kind === 'identified'
  }

  function judge({ raw, chain }: ProxiedCertificate): Identification {
    let certificate: Certificate
    try {
      certificate = parseCertificate(raw)
    } catch (error) {
      return refuse('mtls_untrusted', `it cannot be read: ${(error as Error).message}`)
    }
    // The listener has judged what came by TLS; here it must satisfy these authorities as well.
    const problem = latest === null ? null : findProblem(latest.authorities, certificate, chain)
    if (problem !== null) return refuse('mtls_untrusted', problem)
    return callers.get(certificate.thumbprint) ?? map(certificate)
  }

  function findProblem(own: Authorities, certificate: Certificate, chain: readonly Uint8Array[]): string | null {
    const now = deps.now()
    const known = trusted.get(certificate.thumbprint)
    if (known !== undefined && known.by === own && now < known.until) return null
    const { problem, until } = own.judge(certificate.raw, chain, now)
    if (problem === null) trusted.set(certificate.thumbprint, { until, by: own })
    return problem
  }

  function map(certificate: Certificate): Identification {
    const caller = toCaller(certificate)
    if (caller === 'nobody') return refuse('mtls_unknown', certificate.thumbprint)
    if (caller === 'several') return refuse('mtls_ambiguous', certificate.thumbprint)
    const result = identified(caller)
    callers.set(certificate.thumbprint, result)
    return result
  }

  return { identify, stillHolds, recheckMs, challenge: 'ClientCertificate realm="api"' }
}

/** What is read anew for a reload also holds for what an earlier revision left open. */
async function shareAuthorities(options: NonNullable<MtlsOptions['authorities']>, deps: PolicyDeps): Promise<Latest> {
  const authorities = await openAuthorities(options, deps)
  const latest = deps.shared(`mtls:authorities:${JSON.stringify(options)}`, (): Latest => ({ authorities }))
  latest.authorities = authorities
  return latest
}

async function openAuthorities(
  { ca, crl }: NonNullable<MtlsOptions['authorities']>,
  { secret, log, now }: PolicyDeps,
): Promise<Authorities> {
  const read = async (source: string) => ({ text: await secret(source), source })
  const authorities = createAuthorities({ ca: await read(ca), crl: await Promise.all(crl.map(read)) })
  // No error: a gateway that is restarted with an old list refuses its callers, and serves the others.
  for (const { source, nextUpdate } of authorities.lists) {
    if (nextUpdate > now()) continue
    log.error('revocation_list_expired', { source, nextUpdate: new Date(nextUpdate).toISOString() })
  }
  return authorities
}
