import { byKeys, byWeakness, type Judge, neutral } from '../../core/judge.ts'
import type { ForwardSpec, RouteSpec, Snapshot } from '../snapshot.ts'
import { judgeUpstream } from './upstreams.ts'

type ToUpstream = Extract<ForwardSpec, { kind: 'upstream' }>

/** A route with the upstreams of its file. */
export interface Forwarding {
  readonly route: Pick<RouteSpec, 'forward' | 'hosts'>
  readonly upstreams: Snapshot['upstreams']
}

/** What it means that a route's requests are passed on otherwise. */
export const judgeForward: Judge<Forwarding> = (before, after) => {
  const [old, now] = [before.route.forward, after.route.forward]
  if (old.kind !== 'upstream' || now.kind !== 'upstream') return neutral(old, now)
  const hosts = new Set([...before.route.hosts, ...after.route.hosts])
  const changes = hosts.size === 0 ? judgeForAnyHost(old, now) : neutral(old, now)
  if (old.upstream === now.upstream) return changes
  // Another upstream may be reached over a weaker connection, though neither of the two changed.
  const [from, to] = [before.upstreams[old.upstream], after.upstreams[now.upstream]]
  if (from === undefined || to === undefined) return changes
  return [...changes, ...judgeUpstream(from, to).filter(({ effect }) => effect === 'weakens')]
}

const judgeForAnyHost = byKeys<ToUpstream>({
  kind: neutral,
  upstream: neutral,
  stripPrefix: neutral,
  // A service that makes links of a host that the caller chose sends other people there.
  preserveHost: byWeakness<boolean>(Number),
})
