import { z } from 'zod'
import { parseOrigin } from './origin.ts'

/** An origin, or `https://*.example.com`; never all of them. */
export function trustedOrigin() {
  return z.string().transform((text, context): string => {
    const parsed = parseOrigin(text)
    if (typeof parsed === 'string' && parsed !== '*') return parsed
    const message =
      typeof parsed === 'string' ? '"*" would trust every page there is: name the origins' : parsed.problem
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })
}
