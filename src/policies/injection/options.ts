import { z } from 'zod'
import { byteSize, duration } from '../../core/option-types.ts'
import { defaultThreshold, injectionClasses } from '../../injection/finding.ts'

const at = z
  .string()
  .max(256)
  .describe('A name; in JSON a pointer such as `/items/*/text`, `*` for any one name or place, empty for all of it.')
const place = z.enum(['path', 'query', 'header', 'cookie', 'body']).describe('Which part of the request.')
const classes = z.array(z.enum(injectionClasses)).min(1)

const reason = z.string().trim().min(1).max(500).describe('Why this is acceptable.')

export const options = z.strictObject({
  classes: classes.default([...injectionClasses]).describe('What is looked for. Default: everything.'),
  threshold: z
    .int()
    .min(1)
    .max(10)
    .default(defaultThreshold)
    .describe('From which score on a value is refused: 1 refuses what is odd, 10 what is nothing else. Default 5.'),
  headers: z
    .array(z.string().regex(/^[a-z0-9-]{1,64}$/, { error: 'not the name of a field in lower case' }))
    .max(32)
    .default(['user-agent', 'referer', 'accept-language', 'x-forwarded-host', 'x-requested-with'])
    .describe('Header fields that are judged, names in lower case.'),
  cookies: z.boolean().default(true).describe('Judges the names and values of cookies.'),
  text: z
    .boolean()
    .default(true)
    .describe('Judges bodies of text and XML as one value: some servers read JSON under any type.'),
  otherTypes: z
    .enum(['judge', 'refuse', 'pass'])
    .default('judge')
    .describe(
      'Bodies of binary types: judged as text where they are UTF-8, refused, or passed on as they stream. Only `pass` takes more than `maxBodyBytes`.',
    ),
  maxBodyBytes: byteSize({ max: '32MiB' })
    .prefault('1MiB')
    .describe('The longest body that is held to be judged; longer ones are refused. Up to 32MiB. Default 1MiB.'),
  exclude: z
    .array(
      z.strictObject({
        in: place,
        at,
        classes: classes.optional().describe('What is not looked for there. Default: nothing is.'),
        reason,
      }),
    )
    .max(100)
    .default([])
    .describe('Places that may hold what looks like an attack: a comment on code, a query editor.'),
  urlFields: z
    .array(z.strictObject({ in: place, at }))
    .max(100)
    .default([])
    .describe('Places that hold URLs which the upstream fetches: they may not lead to private addresses.'),
  resolveUrls: z
    .strictObject({
      timeout: duration({ min: '10ms', max: '1s' }).prefault('300ms').describe('How long a look-up may take.'),
      onFailure: z
        .enum(['refuse', 'allow'])
        .default('refuse')
        .describe('What happens where nobody can say in time where a name leads.'),
    })
    .optional()
    .describe('Looks up the names in `urlFields` too, because a public name can have a private address.'),
})

export type InjectionOptions = z.output<typeof options>
