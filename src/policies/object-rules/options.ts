import { z } from 'zod'

const pointer = z
  .string()
  .regex(/^(\/([^~/]|~[01]){1,128}){1,16}$/, { error: 'not a JSON pointer such as /owner/id (RFC 6901)' })

const claim = z.string().regex(/^principal\.(id|tenant|issuer|attributes\.[^.\s]{1,128})$/, {
  error: 'must be principal.id, principal.tenant, principal.issuer or principal.attributes.NAME',
})

const places = ['param', 'query', 'body', 'answer'] as const

const rule = z
  .strictObject({
    param: z.string().min(1).max(64).optional().describe('The value is this parameter of the path.'),
    query: z.string().min(1).max(64).optional().describe('The value is this query parameter, which may come once.'),
    body: pointer.optional().describe('The value stands here in the JSON body: a JSON pointer such as `/owner/id`.'),
    answer: pointer
      .optional()
      .describe('The value stands here in the JSON answer of the upstream; for routes of GET alone.'),
    each: z
      .union([z.literal(''), pointer])
      .optional()
      .describe('With `answer`: the list, `""` for the answer itself, of which each element must hold the value.'),
    equals: claim.optional().describe('What the value must be, such as `principal.id` or `principal.attributes.shop`.'),
    in: claim.optional().describe('A list that must hold the value, such as `principal.attributes.shops`.'),
    optional: z
      .boolean()
      .default(false)
      .describe('With `query` or `body`: lets requests pass that do not name a value.'),
  })
  .superRefine((one, context) => {
    const complain = (message: string) => context.addIssue({ code: 'custom', message })
    const named = places.filter((place) => one[place] !== undefined)
    if (named.length !== 1) complain(`needs one of ${places.join(', ')}: where the value stands`)
    if ((one.equals === undefined) === (one.in === undefined)) complain('needs either `equals` or `in`')
    if (one.each !== undefined && one.answer === undefined) complain('has `each`, which belongs to `answer`')
    if (one.optional && one.query === undefined && one.body === undefined) {
      complain('has `optional`, which belongs to `query` or `body`')
    }
  })

const whole = z.strictObject({
  rules: z.array(rule).min(1).max(20).describe('What must hold; each of it.'),
  issuers: z
    .array(z.string().min(1).max(2048))
    .min(1)
    .max(32)
    .optional()
    .describe(
      'Whose callers own objects: names under `issuers`, the claim `iss`, or `portcullis`. Default: everybody.',
    ),
  exempt: z
    .strictObject({
      roles: z.array(z.string().min(1).max(256)).min(1).max(100).describe('Roles, inherited ones included.'),
    })
    .optional()
    .describe('Who may reach the objects of others: callers with one of these roles.'),
})

export const options = z.strictObject({
  object: z
    .union([
      whole,
      z
        .array(rule)
        .min(1)
        .max(20)
        .transform((rules) => whole.parse({ rules })),
      rule.transform((one) => whole.parse({ rules: [one] })),
    ])
    .describe('Which objects a caller may reach: one rule, a list, or `{ rules, exempt }`.'),
})

export type ObjectOptions = z.output<typeof options>
export type ObjectRule = ObjectOptions['object']['rules'][number]
