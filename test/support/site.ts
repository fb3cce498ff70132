import { createServer as createHttpServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import type { IssuedCertificate } from './certificate-authority.ts'

/** Web servers of every name that a test's browser knows beside the gateway's: the pages that call it. */
export interface TestSite {
  readonly httpsPort: number
  readonly httpPort: number
  /** What each path answers, whatever the host; every other path is an empty page. */
  readonly pages: Map<string, string>
  readonly seen: { readonly host: string; readonly url: string; readonly headers: IncomingHttpHeaders }[]
  close(): Promise<void>
}

export async function startSite(certificate: IssuedCertificate): Promise<TestSite> {
  const pages = new Map<string, string>()
  const seen: TestSite['seen'] = []
  const serve: RequestListener = ({ url = '/', headers }, response) => {
    seen.push({ host: headers.host ?? '', url, headers })
    const { pathname } = new URL(url, 'https://site.test')
    response.setHeader('content-type', pathname.endsWith('.js') ? 'text/javascript' : 'text/html')
    response.end(pages.get(pathname) ?? '<!doctype html><link rel="icon" href="data:,">')
  }
  const servers = [createHttpsServer(certificate, serve), createHttpServer(serve)] as const
  await Promise.all(servers.map((server) => listen(server)))
  const [httpsPort, httpPort] = servers.map((server) => (server.address() as AddressInfo).port) as [number, number]
  return {
    httpsPort,
    httpPort,
    pages,
    seen,
    close: async () => {
      for (const server of servers) {
        server.close()
        server.closeAllConnections()
      }
    },
  }
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
}
