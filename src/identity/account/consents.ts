import type { AdapterPayload } from 'oidc-provider'
import { digestSecret } from '../../crypto/digest.ts'
import type { ClientLookup } from '../../stores/ports/client-store.ts'
import type { KeptDeps } from './logins.ts'
import { ownClientId } from './own-client.ts'

/** What an application may do for an account: what it was allowed in every login taken together. */
export interface Consent {
  readonly client: string
  /** What people know it by. */
  readonly name: string
  readonly scopes: readonly string[]
  /** The first time, epoch milliseconds. */
  readonly since: number
  /** Names of its grants. */
  readonly grants: readonly string[]
}

export interface ConsentDeps extends KeptDeps {
  readonly directory: ClientLookup
}

/** The applications that an account has allowed something, by name. */
export async function listConsents(
  { artefactLookup, payloads, now, directory }: ConsentDeps,
  accountId: string,
): Promise<Consent[]> {
  const consents = new Map<string, Consent>()
  for (const artefact of await artefactLookup.listOf('Grant', digestSecret(accountId))) {
    if ((artefact.expiresAt ?? 0) <= now()) continue
    const payload = (await payloads.open(artefact)) as AdapterPayload
    const { clientId: client = '', iat = 0 } = payload
    if (client === ownClientId) continue
    const known = consents.get(client)
    const name = known?.name ?? (await directory.find(client))?.settings.name ?? client
    consents.set(client, {
      client,
      name,
      scopes: [...new Set([...(known?.scopes ?? []), ...toScopes(payload)])].sort(),
      since: Math.min(known?.since ?? Number.POSITIVE_INFINITY, iat * 1000),
      grants: [...(known?.grants ?? []), artefact.digest],
    })
  }
  return [...consents.values()].sort((a, b) => a.name.localeCompare(b.name))
}

function toScopes({ openid, resources = {} }: AdapterPayload): string[] {
  const { scope } = (openid ?? {}) as { readonly scope?: unknown }
  const texts = [scope, ...Object.values(resources as Record<string, unknown>)]
  return texts.flatMap((text) => (typeof text === 'string' ? text.split(' ') : [])).filter((scope) => scope !== '')
}
