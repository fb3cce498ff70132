import { identityOwner } from '../../config/identity/identity-routes.ts'
import { listIssuers, toEndpointId } from '../../identity/issuers.ts'
import type { IdentityOptions } from '../../identity/options.ts'
import { createIdentityProbes } from '../../identity/proof/probes.ts'
import { createVisitors } from '../../identity/proof/visitors.ts'
import { createIdentityWalks } from '../../identity/proof/walks.ts'
import { type Deployment, type ProbeSet, runProbes } from '../../scanner/prober.ts'
import type { ProbeResult } from '../../scanner/result.ts'
import type { Addresses } from './addresses.ts'
import { nobody } from './nobody.ts'
import type { ProveOptions } from './options.ts'

/** What the identity server answers by itself, beside what every stage does on its routes. */
export async function proveIdentity(
  { snapshot, provide, log, listener }: ProveOptions,
  deployment: Deployment,
  addresses: Addresses,
): Promise<ProbeResult[]> {
  const identity = snapshot.blocks.identity as IdentityOptions | undefined
  if (identity === undefined) return []
  const probes = new Map(
    listIssuers(identity).flatMap((issuer) =>
      [...createIdentityProbes(issuer)].map(([id, own]) => [toEndpointId(issuer, id), own] as const),
    ),
  )
  const sets = snapshot.routes.flatMap(({ id, hosts, forward }): ProbeSet[] => {
    const own =
      forward.kind === 'endpoint' && forward.policy === identityOwner ? probes.get(forward.endpoint) : undefined
    if (own === undefined) return []
    const from = () => addresses.fresh()
    return [{ route: id, policy: identityOwner, ...nobody, host: hosts[0] ?? null, from, probes: own }]
  })
  const visitors = await createVisitors({ provide, log }, identity)
  try {
    const walks = createIdentityWalks(identity.issuer, visitors)
    return await runProbes(
      sets.map((set) => (set.probes === probes.get('authorize') ? { ...set, walks } : set)),
      deployment,
      listener,
    )
  } finally {
    await visitors.remove()
  }
}
