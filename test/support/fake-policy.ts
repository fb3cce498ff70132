import { z } from 'zod'
import type { ResolvedPolicy } from '../../src/config/snapshot.ts'
import type { AnyPolicy, Hooks, PolicyDeps } from '../../src/core/policy.ts'

/** A policy made of the given hooks, to see how the gateway runs them. */
export function fakePolicy(
  name: string,
  create: (deps: PolicyDeps) => Hooks,
  more: Partial<Pick<AnyPolicy, 'endpoints' | 'codes'>> = {},
): AnyPolicy {
  return {
    name,
    summary: 'A policy of a test',
    kind: 'protection',
    options: z.strictObject({}),
    codes: {},
    compose: () => 'both',
    create: (_options, deps) => create(deps),
    probes: () => [],
    ...more,
  }
}

/** Its entry in a route of a snapshot. */
export function applyPolicy(name: string, mode: ResolvedPolicy['mode'] = 'enforce'): ResolvedPolicy {
  return { name, options: {}, mode, origin: 'route', position: null }
}
