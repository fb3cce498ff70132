import { isLoopbackHost, parseCidr } from '../core/address.ts'
import type { ClientOptions } from '../core/client.ts'
import type { RouteInfo } from '../core/exchange.ts'
import type { CompileContext } from './compile-context.ts'
import { type Applied, toFileKey } from './layers/applied.ts'
import type { AdminListener, Listen, Notice } from './snapshot.ts'
import { type KeyPath, toPathText } from './source/key-path.ts'

/** Policies that only observe, each place of the file once. */
export function noteObserved(name: string, applied: readonly Applied[], base: KeyPath, context: CompileContext): void {
  for (const one of applied) {
    const { mode, reason, path } = one
    if (mode !== 'observe' || path === null || !base.every((part, i) => path[i] === part)) continue
    const position = context.source.positionOf(path, 'key')
    context.notices.push({
      kind: 'observed',
      text: `${name}: ${toFileKey(one)} refuses nothing, it only observes`,
      reason,
      position,
    })
  }
}

/**
 * Asks every policy what is wrong and what is dangerous in its options on a route. What stands under `defaults` is the
 * same on many routes and is said once.
 */
export function judgeOptions(
  info: RouteInfo,
  applied: readonly Applied[],
  block: <T>(key: string) => T,
  context: CompileContext,
  said: Set<string>,
): void {
  for (const { policy, options, path, reason } of applied) {
    const judged = { route: info, block }
    for (const message of policy.check?.(options, judged) ?? []) context.report.add(path ?? [], message)
    for (const warning of policy.warnings?.(options, judged) ?? []) {
      const key = `${toPathText(path ?? [])} ${warning.text}`
      if (said.has(key)) continue
      said.add(key)
      const position = path === null ? null : context.source.positionOf(path, 'key')
      context.notices.push({ kind: 'unsafe', text: warning.text, reason: warning.reason ?? reason, position })
    }
  }
}

/** What is dangerous in configuration's own blocks though it is allowed. */
export function noteOwnBlocks(listen: Listen | null, client: ClientOptions | null, context: CompileContext): void {
  const note = (path: KeyPath, text: string, reason: string | null = null) => {
    const notice: Notice = { kind: 'unsafe', text, reason, position: context.source.positionOf(path, 'key') }
    context.notices.push(notice)
  }
  if (listen?.http?.mode === 'serve') {
    note(['listen', 'http', 'serve'], 'the API is served over plain HTTP', listen.http.reason)
  }
  if (listen?.https?.certificates === 'dev') {
    note(['listen', 'https', 'certificate'], 'the certificate is self-signed, for development: no client believes it')
  }
  if (listen?.admin) noteAdmin(listen.admin, note)
  if (client?.trustProxies.some((text) => parseCidr(text)?.[1] === 0)) {
    note(['trustProxies'], 'everyone may say on whose behalf a request comes: limits per address can be escaped')
  }
}

function noteAdmin(
  { host, certificates, plainHttpReason }: AdminListener,
  note: (path: KeyPath, text: string, reason?: string | null) => void,
): void {
  if (plainHttpReason !== null) {
    const text = `the metrics token passes in clear between other machines and ${host}`
    note(['listen', 'admin', 'allowPlainHttp'], text, plainHttpReason)
  } else if (!isLoopbackHost(host)) {
    note(['listen', 'admin', 'host'], `administration is reachable from other machines (${host})`)
  }
  if (certificates === 'dev') {
    note(['listen', 'admin', 'certificate'], 'the certificate of administration is self-signed, for development')
  }
}
