import { endOfProbe } from '../../accounts/probe-account.ts'
import { type Identified, identified } from '../../core/decision.ts'
import type { AccountRecord } from '../../stores/ports/account-store.ts'

/** Who an account is to every later stage. Frozen, because all requests of a login share it. */
export function toIdentified(account: AccountRecord): Identified {
  return identified(
    Object.freeze({
      id: account.id,
      kind: 'user',
      issuer: 'portcullis',
      tenant: account.tenant,
      roles: Object.freeze([...account.roles]),
      scopes: Object.freeze([...account.scopes]),
      attributes: freeze(account.attributes),
      credential: Object.freeze({ policy: 'basic', id: account.id }),
      assurance: 'single-factor',
      confirmation: null,
      proofOfPossession: null,
      expiresAt: endOfProbe(account.id),
    }),
  )
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const member of Object.values(value)) freeze(member)
  return Object.freeze(value)
}
