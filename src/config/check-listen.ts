import { parseAddress, toAddressText } from '../core/address.ts'
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
  const names = ['https', 'http', 'admin'] as const
  for (const [i, name] of names.entries()) {
    const other = names.slice(0, i).find((before) => wouldClash(listen[before], listen[name]))
    if (other !== undefined) report.add(['listen', name, 'port'], `the port is taken by \`${other}\` already`)
  }
}

type Bound = { readonly host: string; readonly port: number } | null

/** Two addresses of this machine can share a port; what a name stands for is not known here. */
function wouldClash(a: Bound, b: Bound): boolean {
  if (a === null || b === null || a.port !== b.port || a.port === 0) return false
  const [one, other] = [parseAddress(a.host), parseAddress(b.host)]
  if (one === null || other === null) return true
  const isAny = [one, other].some((address) => address.range() === 'unspecified')
  return isAny || toAddressText(one) === toAddressText(other)
}
