import { z } from 'zod'
import { hasEnded } from './sunset.ts'

const legacyGrant = z.strictObject({
  reason: z.string().min(1).max(500).describe('Why the client cannot do without it yet.'),
  until: z
    .string()
    .superRefine((text, context) => {
      const message = findDateProblem(text, Date.now())
      if (message !== null) context.addIssue({ code: 'custom', message })
    })
    .describe('The last day (UTC), within two years: 2027-01-31. Later the file is refused, and the client too.'),
})

/** Grants that RFC 9700 forbids, for clients that are being moved away from them. */
export const legacyOptions = z
  .strictObject({
    implicit: legacyGrant.optional().describe('Tokens come in the address (`response_type=id_token token`).'),
    password: legacyGrant.optional().describe('The client takes the password of the person (`grant_type=password`).'),
  })
  .refine(({ implicit, password }) => (implicit ?? password) !== undefined, { error: 'name `implicit` or `password`' })

const maxMs = 2 * 366 * 86_400_000

function findDateProblem(text: string, now: number): string | null {
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(day)) return 'must be a day such as 2027-01-31'
  if (hasEnded({ reason: '', until: text }, now)) return `${text} has passed: move the client, and take this away`
  return day - now > maxMs ? 'must be within two years' : null
}
