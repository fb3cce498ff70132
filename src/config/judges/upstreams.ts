import { parseAddress } from '../../core/address.ts'
import {
  byKeys,
  byNames,
  byPresence,
  byWeakness,
  type Judge,
  neutral,
  toValueText,
  unjudged,
} from '../../core/judge.ts'
import { formatDuration } from '../../core/units.ts'
import type { UpstreamOptions, UpstreamTls } from '../snapshot.ts'

/** Verified TLS, clear text within this machine, clear text on a network. */
function readability(target: string): number {
  const { protocol, hostname } = new URL(target)
  if (protocol === 'https:') return 0
  return hostname === 'localhost' || parseAddress(hostname)?.range() === 'loopback' ? 1 : 2
}

const judgeTargets = byWeakness<readonly string[]>((targets) => Math.max(...targets.map(readability)))

/** Own authorities are fewer than the platform's; which of two files believes more is not seen here. */
const judgeAuthorities: Judge<string | null> = (before, after) =>
  before !== null && after !== null
    ? unjudged(before, after)
    : byWeakness<string | null>((file) => (file === null ? 1 : 0))(before, after)

const judgeTls = byPresence<UpstreamTls>(
  {
    added: ({ ca, serverName }) => (serverName !== null ? 'unjudged' : ca !== null ? 'tightens' : 'changes'),
    removed: ({ ca, serverName }) => (ca !== null ? 'weakens' : serverName !== null ? 'unjudged' : 'changes'),
    show: toValueText,
  },
  byKeys({ ca: judgeAuthorities, cert: neutral, key: neutral, serverName: unjudged }),
)

const lasting = byWeakness<number>(() => 0, formatDuration)

/** What another way to reach a service means: whether who is on the way can read and change what is passed on. */
export const judgeUpstream = byKeys<UpstreamOptions>({
  targets: judgeTargets,
  tls: judgeTls,
  // How the service is used, not how callers are let in.
  maxConnections: neutral,
  maxQueued: neutral,
  connectTimeoutMs: ['connectTimeout', lasting],
  firstByteTimeoutMs: ['firstByteTimeout', lasting],
  idleTimeoutMs: ['idleTimeout', lasting],
  nameLifetimeMs: ['nameLifetime', lasting],
  retries: neutral,
  health: neutral,
  breaker: neutral,
})

/** What a change of the services means. One more is reached by nobody until a route says so. */
export const judgeUpstreams = byNames<UpstreamOptions>(
  { added: 'changes', removed: 'changes', show: ({ targets }) => targets.join(', ') },
  judgeUpstream,
)
