import { identityOwner } from '../../config/identity/identity-routes.ts'
import type { ProbePerson } from '../../core/probe.ts'
import type { IdentityOptions } from '../../identity/options.ts'
import { createProbePerson } from '../../identity/proof/probe-person.ts'
import { createPerson } from '../../identity/proof/visitors.ts'
import { type Deployment, type ProbeSet, runProbes } from '../../scanner/prober.ts'
import type { ProbeResult } from '../../scanner/result.ts'
import type { Addresses } from './addresses.ts'
import { findPolicy } from './find-policy.ts'
import { nobody } from './nobody.ts'
import type { ProveOptions } from './options.ts'

/** The walks of policies, by somebody whom the identity server of the file knows where there is one. */
export async function proveWalks(
  options: ProveOptions,
  deployment: Deployment,
  addresses: Addresses,
): Promise<ProbeResult[]> {
  const { snapshot, provide, log, listener } = options
  if (listWalks(options, null, addresses).length === 0) return []
  const identity = snapshot.blocks.identity as IdentityOptions | undefined
  if (identity === undefined) return runProbes(listWalks(options, null, addresses), deployment, listener)
  const made = await createPerson({ provide, log }, identity)
  try {
    const person = createProbePerson(identity.issuer, made)
    return await runProbes(listWalks(options, person, addresses), deployment, listener)
  } finally {
    await made.remove()
  }
}

/** Once for each set of options, on the first route that has it. */
function listWalks(
  { snapshot, only, https }: ProveOptions,
  person: ProbePerson | null,
  addresses: Addresses,
): readonly ProbeSet[] {
  const sets = new Map<string, ProbeSet>()
  const block = <T>(key: string) => snapshot.blocks[key] as T
  for (const { id, policies } of snapshot.routes) {
    for (const { name, options } of policies) {
      const key = `${name} ${JSON.stringify(options)}`
      if (sets.has(key) || !(only?.includes(name) ?? true)) continue
      const walks = findPolicy(name).walks?.(options, { block, person, plainOnly: https === null }) ?? []
      if (walks.length === 0) continue
      const from = () => addresses.fresh()
      sets.set(key, {
        route: id,
        policy: name,
        ...nobody,
        host: hostOfLogins(snapshot.routes),
        from,
        probes: [],
        walks,
      })
    }
  }
  return [...sets.values()]
}

/** Paths of applications answer at every host; those of the identity server may not. */
function hostOfLogins(routes: ProveOptions['snapshot']['routes']): string | null {
  const login = routes.find(({ forward }) => forward.kind === 'endpoint' && forward.policy === identityOwner)
  return login?.hosts[0] ?? null
}
