import { z } from 'zod'
import type { SessionCaller } from '../../stores/ports/session-store.ts'

/** What an upstream says of a session: in its answers to routes that trust it with that, and nowhere else. */
export const sessionField = 'portcullis-session'

/** What is to become of the session. */
export type SessionOrder =
  | { readonly kind: 'end' }
  /** A new secret, as before otherwise. */
  | { readonly kind: 'renew' }
  | { readonly kind: 'caller'; readonly caller: Omit<SessionCaller, 'issuer'> }
  | { readonly kind: 'invalid'; readonly problem: string }

const maxLength = 8192
const maxAttributes = 4096

// Databases cannot hold NUL, and what cannot be printed has no place in a name.
const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^\P{C}+$/u)
const names = z.array(text(256)).max(100)

const callerSchema = z.strictObject({
  subject: text(256),
  kind: z.enum(['user', 'service']).default('user'),
  tenant: text(256).nullable().default(null),
  roles: names.default([]),
  scopes: names.default([]),
  attributes: z
    .record(z.string(), z.unknown())
    .refine((value) => JSON.stringify(value).length <= maxAttributes)
    .default({}),
  assurance: text(64).nullable().default(null),
  /** Seconds, as in a token's `auth_time`. */
  authTime: z.int().min(0).optional(),
})

/**
 * Reads the field: `end`, `renew`, or who is logged in now, as a JSON object or that in base64url (for names that are
 * not ASCII).
 */
export function parseSessionField(value: string, now: number): SessionOrder {
  if (value === 'end' || value === 'renew') return { kind: value }
  if (value.length > maxLength) return invalid(`it is longer than ${maxLength} characters`)
  const json = parseJson(value)
  if (json === undefined) return invalid('it is neither `end`, `renew`, a JSON object nor one in base64url')
  const parsed = callerSchema.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return invalid(`${issue?.path.join('.') || 'the object'}: ${issue?.message}`)
  }
  const { subject, authTime, ...rest } = parsed.data
  const authenticatedAt = authTime === undefined ? now : authTime * 1000
  if (authenticatedAt > now + 60_000) return invalid('authTime: lies in the future')
  return { kind: 'caller', caller: { id: subject, authenticatedAt, ...rest } }
}

function parseJson(value: string): unknown {
  const json = value.startsWith('{')
    ? value
    : /^[A-Za-z0-9_-]+$/.test(value)
      ? Buffer.from(value, 'base64url').toString('utf8')
      : ''
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

function invalid(problem: string): SessionOrder {
  return { kind: 'invalid', problem }
}
