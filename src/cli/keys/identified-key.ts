import type { KeyRecord } from '../../stores/ports/key-store.ts'
import { toPrintable } from '../printable.ts'
import type { Sighting } from './identify-keys.ts'
import { toStatus } from './key-view.ts'

/**
 * What became of a secret.
 * - `replaced`: the key is known, but this is none of its secrets (any more): nobody gets in with it.
 * - `unknown`: the store has no such key; it may be one of another deployment.
 * - null: the store was not asked.
 */
export type SecretState = 'active' | 'disabled' | 'used up' | 'expired' | 'revoked' | 'replaced' | 'unknown' | null

export interface Identified {
  readonly id: string
  readonly owner: string | null
  readonly name: string | null
  readonly environment: string | null
  readonly state: SecretState
  readonly revokedNow: boolean
  /** Where it stands first. */
  readonly line: number
  readonly times: number
}

export function toIdentified({ id, digest, line, times }: Sighting, key: KeyRecord | null, now: number): Identified {
  const { owner = null, name = null, environment = null } = key ?? {}
  return { id, owner, name, environment, state: toState(key, digest, now), revokedNow: false, line, times }
}

function toState(key: KeyRecord | null, digest: string, now: number): SecretState {
  if (key === null) return 'unknown'
  const secret = key.secrets.find((one) => one.digest === digest)
  if (secret === undefined) return 'replaced'
  const status = toStatus(key, now)
  return status !== 'revoked' && secret.expiresAt !== null && secret.expiresAt <= now ? 'expired' : status
}

/** One line per secret. */
export function formatIdentified(all: readonly Identified[]): string {
  if (all.length === 0) return 'No API key is in the text.'
  return all.map((one) => toPrintable(`${one.id}  ${describe(one)}, ${place(one)}`)).join('\n')
}

function describe({ owner, name, environment, state, revokedNow }: Identified): string {
  if (state === null) return 'a key by its form and checksum'
  if (state === 'unknown') return 'not in this store'
  const of = [owner, name, environment].filter((text) => text !== null).join(', ')
  const became = revokedNow ? 'WORKED, and is revoked now' : said[state]
  return `of ${of}: ${became}`
}

const said: Readonly<Record<Exclude<SecretState, null | 'unknown'>, string>> = {
  active: 'WORKS',
  disabled: 'disabled, works once it is enabled',
  'used up': 'used up, works once it gets further uses',
  expired: 'expired',
  revoked: 'revoked',
  replaced: 'this secret does not work (the key has others)',
}

function place({ line, times }: Identified): string {
  return times === 1 ? `line ${line}` : `line ${line} and ${times - 1} more`
}
