import type { Report } from './config-error.ts'
import type { Listen } from './snapshot.ts'

/** What the listeners must be together. */
export function checkListen(listen: Listen | undefined, embedded: boolean, report: Report): void {
  if (embedded && listen === undefined) return
  if (listen === undefined || (listen.https === null && listen.http === null)) {
    if (embedded) return
    report.add(['listen'], '`https` or `http` is missing: nothing would be served', {
      part: 'key',
      hint: 'While developing: `listen: { https: { port: 8443, certificate: dev } }`.',
    })
    return
  }
  if (listen.https === null && listen.http?.mode === 'redirect') {
    report.add(['listen', 'http'], 'redirects to HTTPS, which is not served', {
      part: 'key',
      hint: 'Add `https`, or `serve: true` with a `reason` where a balancer ends TLS.',
    })
  }
  const taken = new Map<string, string>()
  for (const name of ['https', 'http', 'admin'] as const) {
    const listener = listen[name]
    if (listener === null || listener.port === 0) continue
    const other = taken.get(String(listener.port))
    if (other !== undefined) report.add(['listen', name, 'port'], `the port is taken by \`${other}\` already`)
    taken.set(String(listener.port), name)
  }
}
