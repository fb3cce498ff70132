import type { Meter } from '../../core/telemetry.ts'
import type { RateTable } from '../ports/rate-table.ts'

/** Publishes how full a table is. All threads see the same table: call it in one of them only. */
export function publishRateTable(table: RateTable, meter: Meter): void {
  meter.gauge('portcullis_rate_table_capacity', 'Keys that the rate table can hold', () => table.stats().capacity)
  meter.gauge('portcullis_rate_table_entries', 'Keys that hold a count now (estimated)', () => table.stats().entries)
  meter.total('portcullis_rate_table_evictions_total', 'Drained entries that gave way', () => table.stats().evictions)
  meter.total(
    'portcullis_rate_table_overflows_total',
    'Requests counted on overflow entries',
    () => table.stats().overflows,
  )
  meter.total(
    'portcullis_rate_table_rejections_total',
    'Requests refused for want of room',
    () => table.stats().rejections,
  )
}
