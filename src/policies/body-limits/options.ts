import { z } from 'zod'
import { byteSize } from '../../core/option-types.ts'
import { knownCodings } from '../../input/content-coding.ts'

export const bodyLimitsOptions = z.strictObject({
  maxBytes: byteSize({ max: '1024GiB' })
    .prefault('1MiB')
    .describe('The longest request body, as it is sent: declared or counted. Default 1MiB.'),
  maxDecompressedBytes: byteSize({ max: '1024GiB' })
    .prefault('10MiB')
    .describe('What a body with a `Content-Encoding` may unpack to. Default 10MiB.'),
  encodings: z
    .array(z.enum(knownCodings))
    .default([...knownCodings])
    .describe('Codings that are accepted in `Content-Encoding`; empty: no compressed bodies.'),
  unsafeAllowUnknownEncodings: z
    .strictObject({ reason: z.string().min(1).describe('Why this is acceptable.') })
    .optional()
    .describe(
      'Lets bodies with other codings pass, of which nobody here can tell how much they unpack to. Codings that are ' +
        'known but not in `encodings`, and several at once, stay refused.',
    ),
  maxUrlBytes: byteSize({ min: '64B', max: '64KiB' })
    .prefault('8KiB')
    .describe('The longest path and query. Default 8KiB.'),
  maxQueryParameters: z
    .int()
    .min(0)
    .max(100_000)
    .default(100)
    .describe('The most query parameters; `&` and `;` both separate them, because some servers read `;` so.'),
  maxHeaders: z.int().min(10).max(2000).default(100).describe('The most header fields.'),
  maxHeaderBytes: byteSize({ min: '1KiB', max: '1MiB' })
    .prefault('16KiB')
    .describe('The longest header section, names and values. Default 16KiB.'),
})

export type BodyLimitsOptions = z.output<typeof bodyLimitsOptions>
