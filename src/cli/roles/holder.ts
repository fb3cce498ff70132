import { InvalidArgumentError } from 'commander'
import type { RoleHolder } from '../../stores/ports/role-store.ts'
import { parseKeyId, parseText } from '../keys/parse-arguments.ts'
import type { FileRoles } from './surroundings.ts'

/** How a command names who holds a role: exactly one of these. */
export interface HolderOptions {
  readonly principal?: Named
  readonly key?: string
  readonly group?: Named
  readonly client?: Named
}

/** `issuer|id`; the id may hold further bars. */
export interface Named {
  readonly issuer: string
  readonly id: string
}

export function parseNamed(text: string): Named {
  const bar = text.indexOf('|')
  if (bar === -1) throw new InvalidArgumentError("It is not of the form 'issuer|id', such as 'main|alice'.")
  return { issuer: parseText(text.slice(0, bar)), id: parseText(text.slice(bar + 1)) }
}

export const parseHolderKey = parseKeyId

/** Null where none or several are named. */
export function toHolder({ principal, key, group, client }: HolderOptions, file: FileRoles): RoleHolder | null {
  const named: RoleHolder[] = [
    ...(principal ? [{ kind: 'principal' as const, ...toIssuer(principal, file) }] : []),
    ...(key === undefined ? [] : [{ kind: 'key' as const, issuer: 'portcullis', id: key }]),
    ...(group ? [{ kind: 'group' as const, ...toIssuer(group, file) }] : []),
    ...(client ? [{ kind: 'client' as const, ...toIssuer(client, file) }] : []),
  ]
  return named.length === 1 ? (named[0] ?? null) : null
}

/** A name under `issuers` stands for what its tokens say. */
export function toIssuer({ issuer, id }: Named, { issuers }: FileRoles): Named {
  return { issuer: Object.hasOwn(issuers, issuer) ? (issuers[issuer]?.issuer ?? issuer) : issuer, id }
}

export function formatHolder({ kind, issuer, id }: RoleHolder): string {
  return kind === 'key' ? `key ${id}` : `${kind} ${issuer}|${id}`
}
