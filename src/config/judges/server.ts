import { byKeys, byWeakness, neutral } from '../../core/judge.ts'
import { formatBytes, formatDuration } from '../../core/units.ts'
import type { ServerOptions } from '../snapshot.ts'

const longer = byWeakness<number>((ms) => ms, formatDuration)
const larger = byWeakness<number>((bytes) => bytes, formatBytes)
const more = byWeakness<number>((count) => count)

/** What a change of the limits of connections means: a looser one lets a slow or greedy client hold more. */
export const judgeServer = byKeys<ServerOptions>({
  workers: neutral,
  drainMs: ['drainTimeout', byWeakness(() => 0, formatDuration)],
  headerTimeoutMs: ['headerTimeout', longer],
  keepAliveTimeoutMs: ['keepAliveTimeout', longer],
  idleTimeoutMs: ['idleTimeout', longer],
  minBytesPerSecond: byWeakness<number>((rate) => -rate),
  // More of them need more memory, fewer are used up sooner.
  maxConnections: neutral,
  maxConnectionsPerClient: more,
  maxHeaderBytes: larger,
  maxHeaderCount: more,
  maxUrlBytes: larger,
})
