import type { Meter } from '../core/telemetry.ts'

/** What the supervisor knows of its threads. */
export interface ThreadCounts {
  readonly threadCount: number
  readonly crashes: number
}

/** Publishes the process and its threads, under the names that every Prometheus client gives to the former. */
export function publishProcess(meter: Meter, threads: ThreadCounts): void {
  meter.gauge('portcullis_gateway_threads', 'Gateway threads that serve', () => threads.threadCount)
  meter.total(
    'portcullis_gateway_thread_crashes_total',
    'Gateway threads that crashed and were replaced',
    () => threads.crashes,
  )
  meter.gauge('process_resident_memory_bytes', 'Resident memory of the process', () => process.memoryUsage.rss())
  meter.total('process_cpu_seconds_total', 'Processor time of the process, user and system', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  const startedAt = Date.now() / 1000 - process.uptime()
  meter.gauge('process_start_time_seconds', 'When the process started, in seconds since 1970', () => startedAt)
}
