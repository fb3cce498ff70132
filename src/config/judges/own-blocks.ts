import { byKeys, neutral, unjudged } from '../../core/judge.ts'
import type { Snapshot } from '../snapshot.ts'
import { judgeListen } from './listen.ts'
import { judgeServer } from './server.ts'
import { judgeTrustProxies } from './trust-proxies.ts'
import { judgeUpstreams } from './upstreams.ts'

/** The parts of a snapshot that configuration's own blocks became. */
export type OwnBlocks = Pick<Snapshot, 'listen' | 'server' | 'client' | 'data' | 'counters' | 'upstreams'>

/** Whatever kind of store it is. */
interface AnySource {
  readonly kind: string
  readonly path?: string
  readonly url?: string
}

/** What a change of configuration's own blocks means. */
export const judgeOwnBlocks = byKeys<OwnBlocks>({
  listen: judgeListen,
  server: judgeServer,
  client: ['trustProxies', judgeTrustProxies],
  // Another store knows other keys, and may know keys that were revoked in this one.
  data: byKeys<AnySource>({ kind: unjudged, path: unjudged, url: unjudged }),
  // A table that is too small makes callers share limits, which is stricter for all of them.
  counters: neutral,
  upstreams: judgeUpstreams,
})
