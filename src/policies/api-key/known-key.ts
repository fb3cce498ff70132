import { createNetworkSet, type NetworkSet, parseAddress } from '../../core/address.ts'
import { type Identified, identified } from '../../core/decision.ts'
import type { Principal } from '../../core/principal.ts'
import { equalDigests } from '../../crypto/equal-secrets.ts'
import type { KeyRecord, KeySecret } from '../../stores/ports/key-store.ts'
import type { ApiKeyFailure } from './codes.ts'

/** A stored key, prepared for requests. */
export interface KnownKey {
  readonly record: KeyRecord
  readonly networks: NetworkSet | null
  readonly secrets: readonly KnownSecret[]
}

/** One of a key's secrets: several hold while it is being rotated. */
export interface KnownSecret {
  readonly digest: string
  /** Epoch milliseconds: the end of the secret or of the key, whichever comes first. */
  readonly expiresAt: number
  readonly identified: Identified
}

export function prepareKey(record: KeyRecord): KnownKey {
  return {
    record,
    networks: record.cidrs.length === 0 ? null : createNetworkSet(record.cidrs),
    secrets: record.secrets.map((secret) => prepareSecret(record, secret)),
  }
}

function prepareSecret(record: KeyRecord, secret: KeySecret): KnownSecret {
  const end = Math.min(secret.expiresAt ?? Infinity, record.expiresAt ?? Infinity)
  const principal: Principal = Object.freeze({
    id: record.owner,
    kind: 'service',
    issuer: 'portcullis',
    tenant: record.tenant,
    roles: Object.freeze([...record.roles]),
    scopes: Object.freeze([...record.scopes]),
    attributes: toAttributes(record),
    credential: Object.freeze({
      policy: 'api-key',
      id: record.id,
      ...(record.environment !== null && { environment: record.environment }),
    }),
    assurance: null,
    confirmation: null,
    proofOfPossession: null,
    expiresAt: end === Infinity ? null : end,
  })
  return { digest: secret.digest, expiresAt: end, identified: identified(principal) }
}

/** What rules may judge by. Frozen all the way down, because all requests with the key share it. */
function toAttributes({ name, environment, metadata }: KeyRecord): Principal['attributes'] {
  return freeze({
    ...(name !== null && { keyName: name }),
    ...(environment !== null && { keyEnvironment: environment }),
    ...(Object.keys(metadata).length > 0 && { keyMetadata: metadata }),
  })
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const member of Object.values(value)) freeze(member)
  return Object.freeze(value)
}

/** A secret that a request showed, with the stored one that it was found to fit before. */
export interface ShownSecret {
  readonly digest: string
  fits: KnownSecret | null
}

/**
 * Judges a presented secret. The secret comes first, so that nobody who lacks it learns from the time taken what
 * became of the key; every secret is compared, whichever fits.
 */
export function checkKey(key: KnownKey, shown: ShownSecret, address: string, now: number): Identified | ApiKeyFailure {
  const match = shown.fits !== null && key.secrets.includes(shown.fits) ? shown.fits : findSecret(key, shown)
  if (match === null) return 'api_key_unknown'
  if (key.record.revokedAt !== null) return 'api_key_revoked'
  if (now >= match.expiresAt) return 'api_key_expired'
  if (key.record.disabledAt !== null) return 'api_key_disabled'
  if (key.networks !== null && !isInside(key.networks, address)) return 'api_key_address'
  // Last, for those who ask whether all else holds.
  if (key.record.usesLeft === 0) return 'api_key_used_up'
  return match.identified
}

function findSecret({ secrets }: KnownKey, shown: ShownSecret): KnownSecret | null {
  shown.fits = null
  for (const secret of secrets) if (equalDigests(secret.digest, shown.digest)) shown.fits = secret
  return shown.fits
}

function isInside(networks: NetworkSet, text: string): boolean {
  const address = parseAddress(text)
  return address !== null && networks.includes(address)
}
