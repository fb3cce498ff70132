import { InvalidArgumentError } from 'commander'
import type { Principal } from '../../core/principal.ts'
import { prepareKey } from '../../policies/api-key/known-key.ts'
import type { KeyRecord } from '../../stores/ports/key-store.ts'

/** What the command line says of a caller beside its name. */
export interface PrincipalOptions {
  readonly role?: readonly string[]
  readonly scope?: readonly string[]
  readonly tenant?: string
  readonly attribute?: Readonly<Record<string, unknown>>
  readonly service?: boolean
}

/** A caller that no credential stands for. */
export function toPrincipal(issuer: string, id: string, options: PrincipalOptions): Principal {
  return {
    id,
    kind: options.service ? 'service' : 'user',
    issuer,
    tenant: options.tenant ?? null,
    roles: options.role ?? [],
    scopes: options.scope ?? [],
    attributes: options.attribute ?? {},
    credential: { policy: 'assumed', id: 'assumed' },
    assurance: null,
    confirmation: null,
    proofOfPossession: null,
    expiresAt: null,
  }
}

/** Whoever calls with a key, and with what is said beside it on top; null where the key has no secret left. */
export function toKeyPrincipal(key: KeyRecord, options: PrincipalOptions): Principal | null {
  const secret = prepareKey(key).secrets[0]
  if (secret === undefined) return null
  const { principal } = secret.identified
  return {
    ...principal,
    tenant: options.tenant ?? principal.tenant,
    roles: [...principal.roles, ...(options.role ?? [])],
    scopes: [...principal.scopes, ...(options.scope ?? [])],
    attributes: { ...principal.attributes, ...options.attribute },
  }
}

/** `name=value`; what reads as JSON is that, everything else is text. */
export function parseAttribute(text: string, before: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const equals = text.indexOf('=')
  if (equals < 1) throw new InvalidArgumentError('It is not of the form name=value.')
  return { ...before, [text.slice(0, equals)]: readValue(text.slice(equals + 1)) }
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
