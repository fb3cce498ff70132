import type { FieldPairs } from '../../core/decision.ts'
import type { Probe, ProbeRequest, ProbeTarget } from '../../core/probe.ts'
import { readPemBlocks } from '../../crypto/x509/pem.ts'
import { createSelfSigned } from '../../crypto/x509/self-signed.ts'
import type { MtlsOptions } from './options.ts'

const commonName = '2.5.4.3'

/** Certificates that nobody issued, with the names of a caller, shown in the handshake and in fields of proxies. */
export function createProbes({ identities }: MtlsOptions, target: ProbeTarget): readonly Probe[] {
  const forged = createForgery(identities[0]?.match)
  const attack = createAttack(target)
  const der = readPemBlocks(forged.cert, 'CERTIFICATE')[0]?.toString('base64') ?? ''
  const fields: FieldPairs = [
    ['client-cert', `:${der}:`],
    ['x-ssl-client-cert', encodeURIComponent(forged.cert)],
    ['ssl-client-cert', encodeURIComponent(forged.cert)],
    ['x-forwarded-client-cert', `Cert="${encodeURIComponent(forged.cert)}"`],
  ]
  return [
    {
      name: 'a caller with a valid credential passes',
      kind: 'honest',
      requests: [{ method: target.method, path: target.path }],
      expect: { outcome: 'passed' },
    },
    attack('no certificate', {}, 'RFC 8705 section 2'),
    ...(target.plainOnly
      ? []
      : [attack('a certificate that vouches for itself, with the names of a caller', { clientCertificate: forged })]),
    ...fields.map((field) => attack(`such a certificate in ${field[0]}`, { headers: [field] }, 'RFC 9440 section 4')),
    attack('an invented subject in a field', { headers: [['x-ssl-client-s-dn', 'CN=admin']] }, 'RFC 9440 section 4'),
  ]
}

function createForgery(match: MtlsOptions['identities'][number]['match'] | undefined) {
  const { uri, uriPrefix, dns, dnsSuffix, email, subject = [] } = match ?? {}
  const name = subject.flatMap((rdn) => Object.values(rdn)).at(-1)
  const names = {
    ...(uri !== undefined && { uri }),
    ...(uriPrefix !== undefined && { uri: `${uriPrefix}probe` }),
    ...(dns !== undefined && { dns }),
    ...(dnsSuffix !== undefined && { dns: `probe${dnsSuffix}` }),
    ...(email !== undefined && { email }),
  }
  return createSelfSigned({ subject: [[commonName, name ?? dns ?? 'portcullis-probe']], names, now: Date.now() })
}

function createAttack(target: ProbeTarget) {
  return (name: string, request: Partial<ProbeRequest>, standard = 'v5.0.0-12.1.3'): Probe => ({
    name,
    kind: 'attack',
    standard,
    requests: [{ method: target.method, path: target.path, as: 'none', ...request }],
    // A listener that requires certificates ends the connection instead.
    expect: { outcome: 'refused' },
  })
}
