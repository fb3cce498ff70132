import { loadPolicyFile } from '../../config/load-policy-file.ts'
import type { Snapshot } from '../../config/snapshot.ts'
import { type KeySurroundings, PolicyFileError } from '../keys/key-session.ts'
import { keySurroundings } from '../keys/surroundings.ts'
import type { NamedIssuer } from './find-issuer.ts'

/** What the commands reach for; a test brings its own. */
export interface TokenSurroundings extends KeySurroundings {
  /** Whose tokens a policy file trusts. */
  readonly issuers: (configPath: string) => Promise<readonly NamedIssuer[]>
}

/** The real ones. */
export const tokenSurroundings: TokenSurroundings = {
  ...keySurroundings,
  async issuers(configPath) {
    const loaded = await loadPolicyFile(configPath, { embedded: true })
    if (!loaded.ok) throw new PolicyFileError(loaded.errors)
    return readIssuers(loaded.snapshot)
  },
}

export function readIssuers({ blocks, routes }: Snapshot): readonly NamedIssuer[] {
  const issuers = (blocks.issuers ?? {}) as Readonly<Record<string, { readonly issuer: string }>>
  const asked = routes
    .flatMap(({ policies }) => policies)
    .filter(({ name }) => name === 'introspection')
    .map(({ options }) => (options as { readonly issuer: string }).issuer)
  return [
    ...Object.entries(issuers).map(([name, { issuer }]) => ({ name, issuer })),
    ...[...new Set(asked)].map((issuer) => ({ name: null, issuer })),
  ]
}
