import { z } from 'zod'
import { isLoopbackHost } from '../../core/address.ts'
import { guarded } from './delegate.ts'
import { fileReference } from './file-reference.ts'
import { listenHost } from './host.ts'
import { reasonText } from './reason.ts'

const port = z.int().min(0).max(65_535).describe('The port; 0 picks a free one.')

const certificateFiles = z.strictObject({
  cert: fileReference().describe('The certificate with its chain, PEM.'),
  key: fileReference().describe('Its private key, PEM.'),
})

const certificate = guarded(
  z
    .union([z.literal('dev'), certificateFiles, z.array(certificateFiles).min(1)])
    .describe(
      '`dev` makes a self-signed certificate once, in the data folder. Otherwise files; with several pairs, the name ' +
        'that a client asks for (SNI) picks one.',
    ),
  (value) =>
    value === 'acme' || (typeof value === 'object' && value !== null && 'acme' in value)
      ? {
          message: 'acme is not built yet',
          hint: 'Give files: { cert: file:…, key: file:… }, or dev while developing.',
        }
      : null,
)

const clientCertificates = z.strictObject({
  ca: fileReference().describe('The authorities that client certificates come from, PEM.'),
  crl: z
    .union([fileReference(), z.array(fileReference()).min(1).max(64)])
    .transform((given) => (Array.isArray(given) ? given : [given]))
    .default([])
    .describe(
      'Their revocation lists, PEM. With any, each authority needs one, and nobody comes in by a list that has expired.',
    ),
  mode: z
    .enum(['request', 'require'])
    .default('request')
    .describe(
      '`request` lets clients come without one and leaves it to the routes (`mtls`); `require` ends connections ' +
        'without one that is trusted.',
    ),
})

const https = z
  .strictObject({
    host: listenHost().prefault('0.0.0.0').describe('The address to listen on.'),
    port: port.default(8443),
    certificate,
    http2: z.boolean().default(true).describe('Whether HTTP/2 is offered beside HTTP/1.1.'),
    clientCertificates: clientCertificates
      .optional()
      .describe('Asks clients for a certificate during the handshake. Default: nobody is asked.'),
  })
  .transform(({ certificate: given, clientCertificates: asked, ...rest }) => ({
    ...rest,
    certificates: toCertificates(given),
    ...(asked && { clientCertificates: asked }),
  }))

const http = z
  .strictObject({
    host: listenHost().prefault('0.0.0.0').describe('The address to listen on.'),
    port: port.default(8080),
    redirect: z
      .enum(['navigations', 'all'])
      .optional()
      .describe('Who is sent to HTTPS: browsers that navigate (308), the default, or everyone (301).'),
    serve: z
      .literal(true)
      .optional()
      .describe('Serves the API over plain HTTP, for use behind a balancer that ends TLS. Needs a reason.'),
    reason: reasonText().optional().describe('Why plain HTTP is served.'),
  })
  .superRefine(({ serve, redirect, reason }, context) => {
    const complain = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    if (serve && reason === undefined) complain('serve', 'plain HTTP needs a `reason` beside `serve: true`')
    if (serve && redirect !== undefined) complain('redirect', 'a listener either serves or redirects')
    if (!serve && reason !== undefined) complain('reason', 'a reason belongs to `serve: true`, which is not set')
  })
  .transform(({ serve, redirect = 'navigations', reason = null, ...rest }) => ({
    ...rest,
    mode: serve ? ('serve' as const) : ('redirect' as const),
    redirect,
    reason,
  }))

const admin = z
  .strictObject({
    host: listenHost()
      .prefault('127.0.0.1')
      .describe('The address to listen on. Other than loopback it needs a `certificate`, or `allowPlainHttp`.'),
    port: port.default(9443),
    certificate: certificate.optional().describe('Serves it over HTTPS; the same values as for `https`.'),
    names: z
      .array(listenHost())
      .max(64)
      .default([])
      .describe('Names and addresses that requests may ask for in `Host`, beside `localhost` and the address itself.'),
    allowPlainHttp: z
      .strictObject({ reason: reasonText().describe('Why nobody else can read what passes there.') })
      .optional()
      .describe('Lets the metrics token pass in clear to other machines.'),
  })
  .superRefine(({ host: address, certificate: given, allowPlainHttp }, context) => {
    const complain = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    const exposed = !isLoopbackHost(address) && given === undefined
    if (exposed && allowPlainHttp === undefined) {
      complain('host', `"${address}" is not loopback: the metrics token would pass in clear; add a \`certificate\``)
    }
    if (!exposed && allowPlainHttp !== undefined) {
      complain('allowPlainHttp', 'belongs to an address other than loopback, without a `certificate`')
    }
  })
  .transform(({ certificate: given, allowPlainHttp, ...rest }) => ({
    ...rest,
    certificates: given === undefined ? null : toCertificates(given),
    plainHttpReason: allowPlainHttp?.reason ?? null,
  }))

/** Where Portcullis listens. */
export const listenBlock = z
  .strictObject({
    https: https.optional().describe('Serves the API.'),
    http: http.optional().describe('Sends browsers to HTTPS and refuses API calls, unless told to serve.'),
    admin: admin.optional().describe('Metrics and administration.'),
  })
  .describe('Where Portcullis listens. `https` or `http` is needed by a gateway.')

function toCertificates(given: z.output<typeof certificate>) {
  return given === 'dev' || Array.isArray(given) ? given : [given]
}
