import { InvalidArgumentError } from 'commander'
import { suggest } from '../../core/suggest.ts'
import type { RoleHolder } from '../../stores/ports/role-store.ts'
import { parseKeyId, parseText } from '../keys/parse-arguments.ts'
import type { NamedIssuer } from '../tokens/find-issuer.ts'
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
export function toIssuer({ issuer, id }: Named, { issuers }: Pick<FileRoles, 'issuers'>): Named {
  return { issuer: Object.hasOwn(issuers, issuer) ? (issuers[issuer]?.issuer ?? issuer) : issuer, id }
}

/**
 * What is wrong with an issuer that is nearly one of the policy file's: whoever it should name would not be meant. Others are
 * left alone, because sessions and certificates have issuers that no file names.
 */
export function checkIssuer({ issuer }: Named, trusted: readonly NamedIssuer[]): string | null {
  const known = ['portcullis', ...trusted.flatMap(({ name, issuer: iss }) => (name === null ? [iss] : [name, iss]))]
  const near = known.includes(issuer) ? null : suggest(issuer, known)
  return near === null ? null : `There is no issuer "${issuer}". Did you mean ${near}?`
}

export function formatHolder({ kind, issuer, id }: RoleHolder): string {
  return kind === 'key' ? `key ${id}` : `${kind} ${issuer}|${id}`
}
