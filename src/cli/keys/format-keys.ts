import { formatRows } from '../format-rows.ts'
import { toPrintable } from '../printable.ts'
import type { KeyView } from './key-view.ts'

const columns: readonly [title: string, read: (key: KeyView) => string][] = [
  ['ID', (key) => key.id],
  ['OWNER', (key) => key.owner],
  ['NAME', (key) => key.name ?? '-'],
  ['ENVIRONMENT', (key) => key.environment ?? '-'],
  ['ROLES', (key) => toList(key.roles)],
  ['STATUS', (key) => (key.overlapUntil === null ? key.status : `${key.status}, rotating`)],
  ['EXPIRES', (key) => toMinute(key.expiresAt) ?? 'never'],
  ['LAST USED', (key) => toMinute(key.lastUsedAt) ?? 'never'],
]

/** One line per key under a line of titles. */
export function formatTable(keys: readonly KeyView[]): string {
  return formatRows(
    columns.map(([title]) => title),
    keys.map((one) => columns.map(([, read]) => read(one))),
  )
}

/** One line per property. */
export function formatKey(key: KeyView): string {
  const lines: [string, string][] = [
    ['Id', key.id],
    ['Owner', key.owner],
    ['Name', key.name ?? '-'],
    ['Tenant', key.tenant ?? '-'],
    ['Roles', toList(key.roles)],
    ['Scopes', toList(key.scopes)],
    ['Networks', key.cidrs.length === 0 ? 'all' : toList(key.cidrs)],
    ['Environment', key.environment ?? '-'],
    ['Metadata', Object.keys(key.metadata).length === 0 ? '-' : JSON.stringify(key.metadata)],
    ['Rate limit', key.rateLimit ?? '-'],
    ['Quota', key.quota ?? '-'],
    ['Uses left', key.usesLeft === null ? 'any number' : String(key.usesLeft)],
    ['Status', key.status],
    ['Created', key.createdAt],
    ['Expires', key.expiresAt ?? 'never'],
  ]
  if (key.disabledAt !== null) lines.push(['Disabled', key.disabledAt])
  if (key.revokedAt !== null) lines.push(['Revoked', key.revokedAt])
  if (key.rotatedAt !== null) lines.push(['Rotated', key.rotatedAt])
  if (key.overlapUntil !== null) lines.push(['Old secret', `works until ${key.overlapUntil}`])
  lines.push(['Last used', toMinute(key.lastUsedAt) ?? 'never'])
  return lines.map(([title, value]) => `${title.padEnd(13)}${toPrintable(value)}`).join('\n')
}

function toList(texts: readonly string[]): string {
  return texts.length === 0 ? '-' : texts.join(', ')
}

function toMinute(time: string | null): string | null {
  return time === null ? null : `${time.slice(0, 10)} ${time.slice(11, 16)}Z`
}
