import type { ClientRecord } from '../../stores/ports/client-store.ts'
import { formatRows } from '../format-rows.ts'
import { toPrintable } from '../printable.ts'

/** A client as people and programs are shown it: without anything that opens. */
export interface ClientView extends Omit<ClientRecord['settings'], 'name'> {
  readonly id: string
  readonly name: string | null
  readonly type: 'confidential' | 'public'
  readonly createdAt: string
  /** When the secret of before stops to open; null where there is none. */
  readonly oldSecretUntil: string | null
}

export function toClientView({ id, settings, secrets, createdAt }: ClientRecord, now: number): ClientView {
  const old = secrets.find(({ expiresAt }) => expiresAt !== null && expiresAt > now)
  return {
    id,
    type: secrets.length === 0 ? 'public' : 'confidential',
    ...settings,
    createdAt: new Date(createdAt).toISOString(),
    oldSecretUntil: old === undefined ? null : new Date(old.expiresAt as number).toISOString(),
  }
}

export function formatClients(clients: readonly ClientView[]): string {
  const rows = clients.map(({ id, name, type, grants, scopes }) => [
    id,
    name ?? '-',
    type,
    grants.join(' '),
    scopes.join(' ') || '-',
  ])
  return formatRows(['ID', 'NAME', 'TYPE', 'GRANTS', 'SCOPES'], rows)
}

export function formatClient(client: ClientView): string {
  return Object.entries(client)
    .filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => `${name.padEnd(22)}  ${toPrintable([value].flat().join(' '))}`)
    .join('\n')
}
