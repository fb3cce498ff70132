import { z } from 'zod'
import { byteSize, duration } from '../../core/option-types.ts'

/** Limits of connections, before any route is known. */
export const serverBlock = z
  .strictObject({
    workers: z
      .union([z.literal('auto'), z.int().min(1).max(256)])
      .default('auto')
      .describe('Worker threads; `auto` is one per available core.'),
    drainTimeout: duration({ min: '0s', max: '1h' })
      .prefault('30s')
      .describe('How long open exchanges may go on after a stop was asked for.'),
    headerTimeout: duration({ min: '1s', max: '5m' })
      .prefault('10s')
      .describe('From the connection, or the first byte of a later request, to the end of its header section.'),
    keepAliveTimeout: duration({ min: '1s', max: '1h' })
      .prefault('60s')
      .describe('How long a connection may wait for its next request.'),
    idleTimeout: duration({ min: '1s', max: '24h' })
      .prefault('60s')
      .describe('How long an open exchange may go without any byte in either direction.'),
    minBytesPerSecond: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(500)
      .describe('What a request body, or the reading of an answer, must reach, averaged over 10 seconds.'),
    maxConnections: z.int().min(1).max(1_000_000).default(10_000).describe('Open connections of one worker thread.'),
    maxConnectionsPerClient: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(1000)
      .describe('Open connections of one client address (for IPv6, of one network) to one worker thread.'),
    maxHeaderBytes: byteSize({ min: '1KiB', max: '256KiB' }).prefault('16KiB').describe('The largest header section.'),
    maxHeaderCount: z.int().min(10).max(2000).default(100).describe('The most header fields.'),
    maxUrlBytes: byteSize({ min: '256B', max: '64KiB' }).prefault('8KiB').describe('The longest request target.'),
  })
  .transform(({ drainTimeout, headerTimeout, keepAliveTimeout, idleTimeout, ...rest }) => ({
    ...rest,
    drainMs: drainTimeout,
    headerTimeoutMs: headerTimeout,
    keepAliveTimeoutMs: keepAliveTimeout,
    idleTimeoutMs: idleTimeout,
  }))
  .prefault({})
  .describe('Worker threads and the limits of connections.')
