import { z } from 'zod'
import { parseMediaType } from '../../input/media-type.ts'

const range = z.string().regex(/^[a-z0-9!#$&^_.+-]{1,127}\/(?:\*|[a-z0-9!#$&^_.+-]{1,127})$/, {
  error: 'not a media type such as application/json or image/*, in lower case and without parameters',
})

export const options = z.strictObject({
  allow: z
    .array(range)
    .min(1)
    .max(50)
    .optional()
    .describe(
      'Which types answers may have, such as `application/json` or `image/*`. Problems always may. Default: every one.',
    ),
  missing: z
    .string()
    .default('refuse')
    .refine((text) => text === 'refuse' || text === 'pass' || parseMediaType(text) !== null, {
      error: 'must be refuse, pass, or a media type such as application/octet-stream',
    })
    .describe(
      'What happens to an answer with a body and no `Content-Type`: `refuse`, `pass`, or the type that is set.',
    ),
  charset: z
    .enum(['utf-8', 'upstream'])
    .default('utf-8')
    .describe('What is added to texts that name no charset, for browsers not to guess; `upstream` leaves them.'),
})

export type AnswerTypesOptions = z.output<typeof options>
