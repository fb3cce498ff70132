import { AggregatorRegistry } from 'prom-client'
import type { MetricJson } from './metrics.ts'

/** The metrics of all threads as one text for Prometheus. */
export function toExposition(threads: readonly (readonly MetricJson[])[]): Promise<string> {
  return AggregatorRegistry.aggregate(threads as unknown as object[]).metrics()
}
