import type { TargetStatus, Upstream } from '../gateway/upstream/dispatch.ts'
import type { MetricJson } from '../observe/metrics.ts'

interface Sample {
  readonly labels: Record<string, string>
  readonly value: number
}

/**
 * What a thread knows of its upstreams' targets. It is read from the snapshot that serves, so that targets which a
 * reload took away vanish here too.
 */
export function toUpstreamMetrics(upstreams: ReadonlyMap<string, Upstream>): MetricJson[] {
  const usable: Sample[] = []
  const connections: Sample[] = []
  const queued: Sample[] = []
  for (const [upstream, group] of upstreams) {
    for (const status of group.status()) {
      const labels = { upstream, target: status.target }
      usable.push({ labels, value: isUsable(status) ? 1 : 0 })
      for (const state of ['active', 'idle', 'slow'] as const) {
        connections.push({ labels: { ...labels, state }, value: status[state] })
      }
      queued.push({ labels, value: status.queued })
    }
  }
  return [
    {
      name: 'portcullis_upstream_target_usable',
      help: '1 where every gateway thread sends to the target, 0 where one holds it for ill or its circuit is open',
      type: 'gauge',
      aggregator: 'min',
      values: usable,
    },
    {
      name: 'portcullis_upstream_connections',
      help: 'Connections to the target; slow ones wait for their client',
      type: 'gauge',
      aggregator: 'sum',
      values: connections,
    },
    {
      name: 'portcullis_upstream_queued',
      help: 'Requests that wait for a connection to the target',
      type: 'gauge',
      aggregator: 'sum',
      values: queued,
    },
  ]
}

function isUsable({ healthy, circuit }: TargetStatus): boolean {
  return healthy && circuit === 'closed'
}
