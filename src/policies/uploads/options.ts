import { z } from 'zod'
import { byteSize } from '../../core/option-types.ts'
import { typeNames } from './types/file-types.ts'

const types = () => z.array(z.enum(typeNames)).min(1)
const reason = z.string().trim().min(1).max(500)

const image = z.strictObject({
  maxWidth: z.int().min(1).max(1_000_000).default(10_000).describe('The widest picture, in pixels.'),
  maxHeight: z.int().min(1).max(1_000_000).default(10_000).describe('The highest picture, in pixels.'),
  maxPixels: z
    .int()
    .min(1)
    .max(10_000_000_000)
    .default(50_000_000)
    .describe('Width times height: what a decoder takes memory for.'),
})

const field = z
  .strictObject({
    types: types().optional().describe('Types of its files. Default: those of the policy.'),
    maxBytes: byteSize({ min: '1B', max: '1024GiB' })
      .optional()
      .describe('The longest of its files. Default: `maxFileBytes`.'),
    maxCount: z.int().min(1).max(1000).default(1).describe('The most files in it.'),
    image: image.optional().describe('The size of its pictures. Default: that of the policy.'),
  })
  .describe('A field of files.')

const archives = z.strictObject({
  maxBytes: byteSize({ min: '1KiB', max: '256MiB' })
    .prefault('16MiB')
    .describe(
      'The longest ZIP archive or document: its directory stands at its end, so it is held in memory. Default 16MiB.',
    ),
  maxEntries: z.int().min(1).max(65_534).default(1000).describe('The most entries, of all archives in it.'),
  maxUnpackedBytes: byteSize({ min: '1KiB', max: '1024GiB' })
    .prefault('100MiB')
    .describe('What it unpacks to, counted by unpacking it. Default 100MiB.'),
  maxRatio: z
    .number()
    .min(1)
    .max(100_000)
    .default(100)
    .describe('How many times its size it may unpack to, where that is more than 1 MiB.'),
  maxDepth: z
    .int()
    .min(1)
    .max(5)
    .default(2)
    .describe('How many archives may stand in each other: 1 is an archive without archives in it.'),
})

export const options = z
  .strictObject({
    types: types()
      .optional()
      .describe('What files may be, told by their content. Without it only multipart bodies with `fields` are taken.'),
    fields: z
      .record(z.string().min(1).max(200), field)
      .refine((all) => Object.keys(all).length > 0 && Object.keys(all).length <= 100, {
        error: 'names 1 to 100 fields',
      })
      .optional()
      .describe('The fields of a multipart body that may hold files. Default: any field.'),
    maxFiles: z.int().min(1).max(1000).default(10).describe('The most files in one request.'),
    maxFileBytes: byteSize({ min: '1B', max: '1024GiB' })
      .prefault('10MiB')
      .describe('The longest file. Default 10MiB.'),
    maxTotalBytes: byteSize({ min: '1B', max: '1024GiB' })
      .prefault('100MiB')
      .describe('The most of all files in one request. `bodyLimits` bounds the whole body beside it. Default 100MiB.'),
    maxPlainFields: z
      .int()
      .min(0)
      .max(1000)
      .default(100)
      .describe('The most fields of a multipart body that are no files.'),
    maxPlainFieldBytes: byteSize({ min: '1B', max: '16MiB' })
      .prefault('64KiB')
      .describe('The longest of these. Default 64KiB.'),
    image: image.prefault({}).describe('The size of pictures, as their headers tell it.'),
    archives: archives.prefault({}).describe('What archives, and documents that are archives, may hold.'),
    names: z
      .enum(['strict', 'normalise'])
      .default('strict')
      .describe(
        '`strict` refuses names that some system would take for something else; `normalise` hands the upstream safe ones, ' +
          'for which it holds multipart bodies of up to 8 MiB in memory and refuses longer ones.',
      ),
    antivirus: z.boolean().default(true).describe('Has files scanned where the file has the block `antivirus`.'),
    unsafeAllowActive: z
      .strictObject({ reason: reason.describe('Why this is acceptable.') })
      .optional()
      .describe('Lets scripts in SVG and PDF, macros in documents and code in archives pass.'),
  })
  .superRefine(({ types, fields, maxFileBytes, maxTotalBytes }, context) => {
    const add = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message })
    if (types === undefined && fields === undefined) add([], 'name what may be uploaded, under `types` or `fields`')
    for (const [name, own] of Object.entries(fields ?? {})) {
      if (own.types === undefined && types === undefined)
        add(['fields', name], 'has no `types`, and the policy has none')
    }
    if (maxFileBytes > maxTotalBytes) add(['maxTotalBytes'], 'is less than `maxFileBytes`: raise it as well')
  })

export type UploadsOptions = z.output<typeof options>
