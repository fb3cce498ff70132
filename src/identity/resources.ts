import type { IdentityOptions } from './options.ts'

/** An API that tokens are for. */
export interface Resource {
  /** Under which `jwt` knows those who issue tokens for it. */
  readonly name: string
  readonly identifier: string
  /** Null: whatever a client may ask for. */
  readonly scopes: readonly string[] | null
}

type Resources = Pick<IdentityOptions, 'issuer' | 'resources' | 'realm'>

/** The resources of a policy file, the one that is meant where a client names none first. */
export function listResources({ issuer, resources, realm = 'identity' }: Resources): Resource[] {
  if (resources !== undefined) return Object.entries(resources).map(([name, resource]) => ({ name, ...resource }))
  return [{ name: realm, identifier: `${new URL(issuer).origin}/`, scopes: null }]
}
