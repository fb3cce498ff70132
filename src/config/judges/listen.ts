import { isLoopbackHost } from '../../core/address.ts'
import { byKeys, byMembers, byPresence, byWeakness, neutral, unjudged } from '../../core/judge.ts'
import type { AdminListener, ClientCertificateOptions, HttpListener, HttpsListener, Listen } from '../snapshot.ts'

const exposure = (host: string): number => (isLoopbackHost(host) ? 0 : 1)

/** Who can reach a listener: this machine alone, or others too. */
const judgeHost = byWeakness(exposure)

const address = ({ host, port }: { host: string; port: number }): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`

/** Without a certificate what passes can be read on the way, and nobody knows a self-signed one. */
const openness = (given: HttpsListener['certificates'] | null): number => (given === null ? 2 : given === 'dev' ? 1 : 0)

const serves = ({ mode }: HttpListener): boolean => mode === 'serve'

/** What a change of the listeners means. */
export const judgeListen = byKeys<Listen>({
  https: byPresence(
    // Without it, nothing is served but over plain HTTP.
    { added: 'tightens', removed: 'weakens', show: address },
    byKeys<HttpsListener>({
      host: judgeHost,
      port: neutral,
      certificates: ['certificate', byWeakness((given) => (given === 'dev' ? 1 : 0))],
      http2: neutral,
      clientCertificates: byPresence<ClientCertificateOptions>(
        { added: ({ mode }) => (mode === 'require' ? 'tightens' : 'changes'), removed: 'weakens' },
        byKeys<ClientCertificateOptions>({
          // Who is trusted stands in another file.
          ca: unjudged,
          crl: byMembers('tightens', 'weakens'),
          mode: byWeakness((mode) => (mode === 'require' ? 0 : 1)),
        }),
      ),
    }),
  ),
  http: byPresence(
    {
      added: (http) => (serves(http) ? 'weakens' : 'changes'),
      removed: (http) => (serves(http) ? 'tightens' : 'changes'),
      show: (http) => `${address(http)}, ${serves(http) ? 'serves the API' : 'redirects'}`,
    },
    byKeys<HttpListener>({
      host: judgeHost,
      port: neutral,
      mode: [
        'serve',
        byWeakness(
          (mode) => (mode === 'serve' ? 1 : 0),
          (mode) => String(mode === 'serve'),
        ),
      ],
      // Whoever is redirected never learns that a credential was exposed on the way.
      redirect: byWeakness((who) => (who === 'all' ? 1 : 0)),
      reason: neutral,
    }),
  ),
  admin: byPresence(
    {
      added: ({ host }) => (exposure(host) > 0 ? 'weakens' : 'changes'),
      removed: ({ host }) => (exposure(host) > 0 ? 'tightens' : 'changes'),
      show: address,
    },
    byKeys<AdminListener>({
      host: judgeHost,
      port: neutral,
      certificates: ['certificate', byWeakness(openness)],
      names: byMembers('weakens', 'tightens'),
      plainHttpReason: ['allowPlainHttp', byWeakness((reason) => (reason === null ? 0 : 1))],
    }),
  ),
})
