import { z } from 'zod'
import { byteSize, duration, fieldName } from '../core/option-types.ts'

const logFile = z
  .strictObject({
    file: z.string().min(1).describe('Path of the log file; it is made readable by its owner only (0600).'),
    rotateAt: byteSize({ min: '64KiB', max: '10GiB' })
      .prefault('100MiB')
      .describe('Size at which the file is set aside and a new one begun.'),
    keepFiles: z.int().min(1).max(1000).default(10).describe('How many set-aside files are kept.'),
    keepFor: duration({ min: '1h', max: '3650d' })
      .prefault('90d')
      .describe('Age after which set-aside files are deleted.'),
  })
  .describe('A file that is rotated')

const log = z.strictObject({
  to: z
    .union([z.literal('stdout'), logFile])
    .default('stdout')
    .describe('Where log lines go: `stdout` or a file.'),
  level: z.enum(['info', 'warn', 'error', 'silent']).default('info').describe('The least level that is written.'),
  access: z.boolean().default(true).describe('Whether each exchange gets a line.'),
  headers: z
    .array(fieldName())
    .max(32)
    .prefault(['user-agent', 'content-type', 'referer'])
    .describe('Request header fields that the access log holds; credentials are never written, even when named here.'),
})

export type LogOptions = z.output<typeof log>
export type LogDestination = LogOptions['to']

/** The top-level blocks of the policy file that this folder reads. */
export const observeBlocks = {
  log: log.prefault({}).describe('The access log and the log of events.'),
}
