import { z } from 'zod'
import { byteSize } from '../../core/option-types.ts'
import { parsePointer } from '../../core/pointer-tree.ts'

const maskEntry = () =>
  z
    .string()
    .min(1)
    .max(256)
    .superRefine((text, context) => {
      if (!text.startsWith('/')) return
      const pointer = parsePointer(text)
      if (pointer === null) {
        const message = `"${text}" is no JSON pointer: in a name, \`~\` is written ~0 and \`/\` is written ~1`
        context.addIssue({ code: 'custom', message })
      } else if (pointer.every((token) => token === '*')) {
        context.addIssue({ code: 'custom', message: `"${text}" hides everything: leave the policy out instead` })
      }
    })

export const logBodiesOptions = z
  .strictObject({
    request: z.boolean().default(false).describe('Records the bodies of requests.'),
    response: z
      .boolean()
      .default(false)
      .describe('Records the bodies of answers of the upstream or the application; those of refusals say nothing new.'),
    maxBytes: byteSize({ min: '64B', max: '64KiB' })
      .prefault('4KiB')
      .describe('How much of each body is looked at, from its beginning. Default 4KiB, up to 64KiB.'),
    mask: z
      .array(maskEntry())
      .max(100)
      .default([])
      .describe(
        'What is hidden beside what the log always hides: names of members, parameters, elements and attributes, ' +
          'whatever their case (`password`), and JSON pointers (`/customer/cardNumber`), in which `*` stands for any ' +
          'one name or place.',
      ),
  })
  .superRefine(({ request, response }, context) => {
    if (request || response) return
    const message = 'nothing is recorded: set `request`, `response` or both to true, or leave `logBodies` out'
    context.addIssue({ code: 'custom', path: [], message })
  })

export type LogBodiesOptions = z.output<typeof logBodiesOptions>
