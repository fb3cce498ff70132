import type { IdentityOptions } from './options.ts'

/** An API that tokens are for. */
export interface Resource {
  /** Under which `jwt` knows those who issue tokens for it. */
  readonly name: string
  readonly identifier: string
  readonly scopes: readonly string[]
}

/** The resources of a policy file, the one that is meant where a client names none first. */
export function listResources({ issuer, resources, clients, registration }: IdentityOptions): Resource[] {
  if (resources !== undefined) return Object.entries(resources).map(([name, resource]) => ({ name, ...resource }))
  const scopes = [...new Set([...clients.flatMap((client) => client.scopes), ...(registration?.scopes ?? [])])]
  return [{ name: 'identity', identifier: `${new URL(issuer).origin}/`, scopes }]
}
