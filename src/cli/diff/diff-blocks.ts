import { relative } from 'node:path'
import type { Snapshot, UpstreamOptions } from '../../config/snapshot.ts'
import { isSame } from '../../config/stable-json.ts'
import { type Change, describeDifferences } from './change.ts'

/** What differs outside of routes: connections, clients, upstreams, stores and the blocks that policies read. */
export function diffBlocks(before: Snapshot, after: Snapshot): Change[] {
  return [
    ...diffServer(before, after),
    ...diffClient(before, after),
    ...diffUpstreams(before, after),
    ...diffData(before, after),
    ...diffOthers(before, after),
  ]
}

/** The limits among the server's options: a larger value lets more happen, but for the rate that must be reached. */
const limits = {
  headerTimeoutMs: 1,
  idleTimeoutMs: 1,
  maxHeaderBytes: 1,
  maxHeaderCount: 1,
  maxUrlBytes: 1,
  maxConnectionsPerClient: 1,
  minBytesPerSecond: -1,
} as const

function diffServer({ server: before }: Snapshot, { server: after }: Snapshot): Change[] {
  return (Object.keys(after) as (keyof typeof after)[]).flatMap((key): Change[] => {
    if (before[key] === after[key]) return []
    const direction: number = key in limits ? limits[key as keyof typeof limits] : 0
    const growth = Math.sign(after[key] - before[key]) * direction
    const effect = growth > 0 ? 'weakens' : growth < 0 ? 'tightens' : 'changes'
    return [{ effect, subject: 'server', text: describeDifferences({ [key]: before[key] }, { [key]: after[key] }) }]
  })
}

function diffClient({ client: before }: Snapshot, { client: after }: Snapshot): Change[] {
  const changes: Change[] = []
  const add = (effect: Change['effect'], text: string) => changes.push({ effect, subject: 'trustProxies', text })
  for (const network of after.trustProxies) {
    if (!before.trustProxies.includes(network)) add('weakens', `${network} is believed now`)
  }
  for (const network of before.trustProxies) {
    if (!after.trustProxies.includes(network)) add('tightens', `${network} is no longer believed`)
  }
  if (before.forwardingHeader !== after.forwardingHeader) {
    add('changes', `header: ${before.forwardingHeader} → ${after.forwardingHeader}`)
  }
  if (before.ipv6Prefix !== after.ipv6Prefix) {
    // A longer prefix gives one subscriber more identities.
    const effect = after.ipv6Prefix > before.ipv6Prefix ? 'weakens' : 'tightens'
    add(effect, `ipv6Prefix: ${before.ipv6Prefix} → ${after.ipv6Prefix}`)
  }
  return changes
}

function diffUpstreams({ upstreams: before }: Snapshot, { upstreams: after }: Snapshot): Change[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names.flatMap((name): Change[] => {
    const [old, now] = [before[name], after[name]]
    const subject = `upstream ${name}`
    if (old === undefined) return [{ effect: 'changes', subject, text: `is new: ${now?.targets.join(', ')}` }]
    if (now === undefined) return [{ effect: 'changes', subject, text: 'is gone' }]
    if (isSame(old, now)) return []
    const weaker = (isSecure(old) && !isSecure(now)) || (old.tls?.ca && isSecure(now) && !now.tls?.ca)
    const stronger = (!isSecure(old) && isSecure(now)) || (now.tls?.ca && isSecure(old) && !old.tls?.ca)
    const effect = weaker ? 'weakens' : stronger ? 'tightens' : 'changes'
    return [{ effect, subject, text: describeDifferences(old, now) }]
  })
}

function isSecure({ targets }: UpstreamOptions): boolean {
  return targets.every((target) => target.startsWith('https:'))
}

function diffData(before: Snapshot, after: Snapshot): Change[] {
  const place = ({ data, baseFolder }: Snapshot) => ({ ...data, path: relative(baseFolder, data.path) })
  const pairs = [
    ['data', place(before), place(after)],
    ['counters', before.counters, after.counters],
  ] as const
  return pairs.flatMap(([subject, old, now]) =>
    isSame(old, now) ? [] : [{ effect: 'changes' as const, subject, text: describeDifferences(old, now) }],
  )
}

/** What a block means is known to the policy that reads it, so nothing is said of its effect. */
function diffOthers({ blocks: before }: Snapshot, { blocks: after }: Snapshot): Change[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names.flatMap((subject) =>
    isSame(before[subject], after[subject])
      ? []
      : [
          {
            effect: 'changes' as const,
            subject,
            text: describeDifferences(before[subject] ?? {}, after[subject] ?? {}),
          },
        ],
  )
}
