import { z } from 'zod'
import { attributeTypes } from '../../crypto/x509/names.ts'

const file = () => z.string().regex(/^file:./, { error: 'must be given as file:path' })

const printable = (what: string, example: string) =>
  z.string().regex(/^[\x21-\x7e]{1,1024}$/, { error: `must be ${what} such as ${example}` })

const rdn = z
  .record(z.string(), z.string().min(1).max(256))
  .refine((given) => Object.keys(given).length > 0, { error: 'an attribute is missing, such as `{ CN: reports }`' })
  .superRefine((given, context) => {
    for (const type of Object.keys(given)) {
      if (attributeTypes.includes(type) || /^\d+(\.\d+)+$/.test(type)) continue
      context.addIssue({ code: 'custom', message: `"${type}" is none of ${attributeTypes.join(', ')}` })
    }
  })

const match = z
  .strictObject({
    uri: printable('a URI', 'spiffe://example.org/reports')
      .optional()
      .describe('A URI of its alternative names, a SPIFFE id for example.'),
    uriPrefix: printable('a URI that ends with a slash', 'spiffe://example.org/jobs/')
      .regex(/^[a-z][a-z0-9+.-]*:\/\/[^%?#]*\/$/, { error: 'must be a URI that ends with a slash' })
      .optional()
      .describe('The beginning of such a URI, ended by a slash. Without `id`, the whole URI is the id.'),
    dns: printable('a DNS name', 'reports.example.com')
      .transform((name) => name.toLowerCase())
      .optional()
      .describe('A DNS name of its alternative names.'),
    dnsSuffix: printable('the end of a DNS name', '.devices.example.com')
      .regex(/^\.[A-Za-z0-9.-]+$/, { error: 'must begin with a dot' })
      .transform((name) => name.toLowerCase())
      .optional()
      .describe('The end of such a name, from a dot on. Without `id`, the whole name is the id.'),
    email: printable('an address', 'ops@example.com')
      .optional()
      .describe('An e-mail address of its alternative names.'),
    subject: z
      .array(rdn)
      .min(1)
      .max(32)
      .optional()
      .describe(
        'The whole subject: every RDN in the order of the certificate (as `openssl x509 -subject` shows it), compared ' +
          'character for character.',
      ),
    fingerprint: z
      .string()
      .transform((text) => text.replaceAll(':', '').toLowerCase())
      .refine((text) => /^[0-9a-f]{64}$/.test(text), { error: 'must be a SHA-256 in hexadecimal' })
      .optional()
      .describe('The certificate’s SHA-256, as `openssl x509 -fingerprint -sha256` shows it.'),
  })
  .refine((given) => Object.values(given).filter((value) => value !== undefined).length === 1, {
    error: 'name exactly one of uri, uriPrefix, dns, dnsSuffix, email, subject and fingerprint',
  })

const names = (what: string) => z.array(z.string().min(1).max(256)).max(256).default([]).describe(what)

const identity = z
  .strictObject({
    match: match.describe('Which certificates are meant.'),
    id: z.string().min(1).max(256).optional().describe('Who is calling. Default: the name that was matched.'),
    tenant: z.string().min(1).max(256).nullable().default(null).describe('The tenant, if there are tenants.'),
    roles: names('The roles that it has.'),
    scopes: names('The scopes that it has.'),
  })
  .refine(({ id, match: { subject, fingerprint } }) => id !== undefined || (subject ?? fingerprint) === undefined, {
    error: 'a subject or fingerprint needs an `id`',
    path: ['id'],
  })

const authorities = z.strictObject({
  ca: file().describe('The authorities, PEM.'),
  crl: z
    .union([file(), z.array(file()).min(1).max(64)])
    .transform((given) => (Array.isArray(given) ? given : [given]))
    .default([])
    .describe('Their revocation lists, PEM. With any, each authority needs one that has not expired.'),
})

/** Fields that a proxy hands the certificate over in. The first is RFC 9440's, the others hold PEM in URL escapes. */
export const proxyFields = ['client-cert', 'x-ssl-client-cert', 'ssl-client-cert'] as const

export const mtlsOptions = z
  .strictObject({
    identities: z
      .array(identity)
      .min(1)
      .max(10_000)
      .describe('Whom certificates stand for. One that fits none of them, or more than one caller, is refused.'),
    authorities: authorities
      .optional()
      .describe(
        'Whose certificates count here. Default: those of `listen.https.clientCertificates`, which a certificate of a ' +
          'TLS connection must satisfy in any case.',
      ),
    proxyField: z
      .enum(proxyFields)
      .optional()
      .describe(
        'The field in which proxies of `trustProxies` hand over the certificate that they asked for: `client-cert` ' +
          '(with `client-cert-chain`) as in RFC 9440, the others as NGINX’s `$ssl_client_escaped_cert`. From anyone else ' +
          'it is dropped. Needs `authorities`.',
      ),
  })
  .refine((options) => options.proxyField === undefined || options.authorities !== undefined, {
    error: '`authorities` is missing: what a proxy hands over is verified here',
    path: ['proxyField'],
  })

export type MtlsOptions = z.output<typeof mtlsOptions>
export type MtlsIdentity = MtlsOptions['identities'][number]
