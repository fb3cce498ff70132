import { toAuthenticationMethod } from '../../identity/clients/authentication.ts'
import { type ClientKind, toClientKind } from '../../identity/clients/judge-settings.ts'
import type { ClientRecord } from '../../stores/ports/client-store.ts'
import { formatRows } from '../format-rows.ts'
import { toPrintable } from '../printable.ts'

/** A client as people and programs are shown it: without anything that opens. */
export interface ClientView extends Omit<ClientRecord['settings'], 'name' | 'disabled'> {
  readonly id: string
  readonly tenant: string | null
  readonly name: string | null
  readonly type: 'confidential' | 'public'
  /** How it proves who it is. */
  readonly authentication: string
  readonly kind: ClientKind
  readonly status: 'active' | 'disabled'
  readonly createdAt: string
  /** When the secret of before stops to open; null where there is none. */
  readonly oldSecretUntil: string | null
}

export function toClientView(client: ClientRecord, now: number): ClientView {
  const { id, tenant = null, secrets, createdAt } = client
  const { disabled, ...settings } = client.settings
  const authentication = toAuthenticationMethod(client)
  const old = secrets.find(({ expiresAt }) => expiresAt !== null && expiresAt > now)
  return {
    id,
    tenant,
    type: authentication === 'none' ? 'public' : 'confidential',
    kind: toClientKind(client),
    status: disabled === true ? 'disabled' : 'active',
    authentication,
    ...settings,
    createdAt: new Date(createdAt).toISOString(),
    oldSecretUntil: old === undefined ? null : new Date(old.expiresAt as number).toISOString(),
  }
}

export function formatClients(clients: readonly ClientView[]): string {
  const rows = clients.map(({ id, name, type, status, grants, scopes }) => [
    id,
    name ?? '-',
    type,
    status,
    grants.join(' '),
    scopes.join(' ') || '-',
  ])
  return formatRows(['ID', 'NAME', 'TYPE', 'STATUS', 'GRANTS', 'SCOPES'], rows)
}

export function formatClient(client: ClientView): string {
  return Object.entries(client)
    .filter(([, value]) => value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => `${name.padEnd(22)}  ${toPrintable([value].flat().map(toText).join(' '))}`)
    .join('\n')
}

function toText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
