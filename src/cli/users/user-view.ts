import type { AccountRecord } from '../../stores/ports/account-store.ts'
import { formatRows } from '../format-rows.ts'
import { toPrintable } from '../printable.ts'

/** What people and programs are shown of an account: never a hash. Times are ISO 8601 in UTC. */
export interface UserView {
  readonly id: string
  readonly username: string
  readonly tenant: string | null
  readonly status: 'active' | 'disabled' | 'no password'
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  readonly attributes: Readonly<Record<string, unknown>>
  /** How the password is hashed, such as `argon2id`. */
  readonly hash: string | null
  readonly createdAt: string
  readonly disabledAt: string | null
  readonly passwordChangedAt: string | null
}

export function toUserView(account: AccountRecord): UserView {
  const { id, username, tenant, roles, scopes, attributes, passwordHash } = account
  const status = account.disabledAt !== null ? 'disabled' : passwordHash === null ? 'no password' : 'active'
  return {
    ...{ id, username, tenant, status, roles, scopes, attributes },
    hash: passwordHash === null ? null : toAlgorithm(passwordHash),
    createdAt: new Date(account.createdAt).toISOString(),
    disabledAt: toTime(account.disabledAt),
    passwordChangedAt: toTime(account.passwordChangedAt),
  }
}

export function formatUser(view: object): string {
  return Object.entries(view)
    .map(([name, value]) => `${`${name}:`.padEnd(20)}${toPrintable(toText(value))}`)
    .join('\n')
}

export function formatUsers(views: readonly UserView[]): string {
  return formatRows(
    ['ID', 'USER', 'TENANT', 'STATUS', 'ROLES'],
    views.map(({ id, username, tenant, status, roles }) => [id, username, tenant ?? '-', status, toText(roles)]),
  )
}

function toText(value: unknown): string {
  if (value === null || (Array.isArray(value) && value.length === 0)) return '-'
  if (Array.isArray(value)) return value.join(', ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

export function toAlgorithm(hash: string): string {
  const named = /\$(argon2(?:id|i|d)|pbkdf2-sha(?:1|256|512)|(?:firebase-)?scrypt)\$/.exec(hash)?.[1]
  return named ?? (/\$2[aby]\$/.test(hash) ? 'bcrypt' : 'unknown')
}

function toTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString()
}
