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

interface Trusted {
  readonly until: number
}

export async function createMtls(options: MtlsOptions, deps: PolicyDeps): Promise<Hooks> {
  const authorities = options.authorities === undefined ? null : await openAuthorities(options.authorities, deps)
  const toCaller = createIdentityMap(options.identities)
  const callers = new BoundedCache<Identified>({ maxEntries: maxKnown })
  const trusted = new BoundedCache<Trusted>({ maxEntries: maxKnown })
  const { proxyField } = options

  function identify(exchange: Exchange): Identification {
    // A proxy of ours speaks for its client; the certificate that it shows itself is its own.
    if (proxyField !== undefined && exchange.proxyFields !== null) {
      const proxied = readProxiedCertificate(exchange.proxyFields, proxyField)
      if (proxied === null) return absent
      return proxied === 'invalid' ? refuse('mtls_field_invalid') : judge(proxied)
    }
    const shown = exchange.carrier.clientCertificate()
    if (shown === null) return absent
    if (!shown.trusted) return refuse('mtls_untrusted', shown.problem)
    const known = authorities === null ? callers.get(shown.thumbprint) : undefined
    return known ?? judge({ raw: shown.raw, chain: shown.chain ?? [] })
  }

  function judge({ raw, chain }: ProxiedCertificate): Identification {
    let certificate: Certificate
    try {
      certificate = parseCertificate(raw)
    } catch (error) {
      return refuse('mtls_untrusted', `it cannot be read: ${(error as Error).message}`)
    }
    // The listener has judged what came by TLS; here it must satisfy these authorities as well.
    const problem = authorities === null ? null : findProblem(authorities, certificate, chain)
    if (problem !== null) return refuse('mtls_untrusted', problem)
    return callers.get(certificate.thumbprint) ?? map(certificate)
  }

  function findProblem(own: Authorities, certificate: Certificate, chain: readonly Uint8Array[]): string | null {
    const now = deps.now()
    const known = trusted.get(certificate.thumbprint)
    if (known !== undefined && now < known.until) return null
    const { problem, until } = own.judge(certificate.raw, chain, now)
    if (problem === null) trusted.set(certificate.thumbprint, { until })
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

  return {
    identify,
    // Authorities and lists may be others by now.
    stillHolds: (exchange) => identify(exchange).kind === 'identified',
    challenge: 'ClientCertificate realm="api"',
  }
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
