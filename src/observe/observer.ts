import type { Exchange, Outcome } from '../core/exchange.ts'
import type { PolicyLog } from '../core/telemetry.ts'
import { createAccessLog } from './access-log.ts'
import { createEventLog } from './event-log.ts'
import { createExchangeMetrics } from './exchange-metrics.ts'
import { type LogStream, openLogStream } from './log-stream.ts'
import { type MetricJson, Metrics } from './metrics.ts'
import type { LogOptions } from './options.ts'

/** Log and metrics of one thread. */
export interface Observer {
  readonly log: PolicyLog
  readonly meter: Metrics
  /** Counts an exchange that has ended, and writes its line. */
  record(exchange: Exchange, outcome: Outcome): void
  metrics(): MetricJson[]
  reopenLog(): void
  /** Writes out what is held, for a second at most. */
  close(): Promise<void>
}

/** @param thread names the thread in its lines and must not repeat within a process */
export function createObserver(
  options: LogOptions,
  thread: string,
  stream: LogStream = openLogStream(options.to),
): Observer {
  const meter = new Metrics()
  const count = createExchangeMetrics(meter)
  const write = options.access && options.level === 'info' ? createAccessLog(stream, options) : null
  meter.total(
    'portcullis_log_lines_dropped_total',
    'Log lines lost because their destination did not take them',
    () => stream.dropped,
  )
  meter.gauge('portcullis_log_held_bytes', 'Log lines that wait to be written', () => stream.heldBytes)
  return {
    log: createEventLog(stream, options.level, thread),
    meter,
    record: (exchange, outcome) => {
      const endedAt = performance.now()
      count(exchange, outcome, endedAt)
      write?.(exchange, outcome, endedAt)
    },
    metrics: () => meter.toJson(),
    reopenLog: () => stream.reopen(),
    close: () => stream.close(),
  }
}
