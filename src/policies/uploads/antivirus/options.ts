import { z } from 'zod'
import { byteSize, duration } from '../../../core/option-types.ts'

/** The block `antivirus`: which scanner looks into uploaded files. */
export const antivirusBlock = z
  .strictObject({
    clamd: z
      .string()
      .regex(/^(unix:\/.{1,100}|tcp:\/\/([A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:]{2,39}\]):\d{1,5})$/, {
        error: 'must be unix:/path/to/clamd.ctl or tcp://host:3310',
      })
      .describe('The socket of ClamAV’s daemon: `unix:/run/clamav/clamd.ctl` or `tcp://127.0.0.1:3310`.'),
    onFailure: z
      .enum(['refuse', 'allow'])
      .default('refuse')
      .describe('What happens to files that it gives no verdict on: it is down, too slow, or answers an error.'),
    maxBytes: byteSize({ min: '1KiB', max: '4GiB' })
      .prefault('25MiB')
      .describe('The longest file that it is sent: no more than its `StreamMaxLength`. Default 25MiB.'),
    largerFiles: z
      .enum(['refuse', 'pass'])
      .default('refuse')
      .describe('What happens to files that are longer: `pass` lets them through unscanned.'),
    connections: z
      .int()
      .min(1)
      .max(1000)
      .default(8)
      .describe('Files that each gateway thread has scanned at once; fewer than its `MaxThreads` in all.'),
    timeout: duration({ min: '100ms', max: '10m' })
      .prefault('30s')
      .describe(
        'How long a file waits for its turn, a connection, each acceptance of bytes, and the verdict. Default 30s.',
      ),
  })
  .optional()
  .describe('The virus scanner that uploaded files are sent to, by the policy `uploads`.')

export type AntivirusSettings = NonNullable<z.output<typeof antivirusBlock>>
