import { z } from 'zod'

const base64url = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[A-Za-z0-9_-]+$/)
/** Credential ids have at most 1023 bytes (WebAuthn section 4). */
export const credentialId = base64url(1364)
const clientDataJSON = base64url(4000)
const common = {
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  clientExtensionResults: z.record(z.string(), z.unknown()).default({}),
}

const assertion = z.object({
  ...common,
  response: z.object({
    clientDataJSON,
    authenticatorData: base64url(4000),
    signature: base64url(2000),
    userHandle: base64url(128).nullish(),
  }),
})

const registration = z.object({
  ...common,
  response: z.object({
    clientDataJSON,
    attestationObject: base64url(8000),
    transports: z
      .array(z.string().regex(/^[a-z-]{1,20}$/))
      .max(10)
      .default([]),
  }),
})

export type Assertion = z.output<typeof assertion>
export type Registration = z.output<typeof registration>

/** What a browser says of the ceremony, and signs or has signed. */
export interface ClientData {
  readonly challenge: string
}

const clientData = z.object({
  challenge: base64url(200),
  // A page that holds ours in a frame has no business with our passkeys.
  crossOrigin: z.literal(false).optional(),
  topOrigin: z.undefined().optional(),
})

/** Null where it is not what a browser makes of a passkey. */
export const parseAssertion = (text: string) => parse(text, assertion)
export const parseRegistration = (text: string) => parse(text, registration)

function parse<T extends { readonly response: { readonly clientDataJSON: string } }>(
  text: string,
  schema: z.ZodType<T>,
): { readonly given: T; readonly challenge: string } | null {
  const given = schema.safeParse(toJson(text))
  if (!given.success) return null
  const bytes = Buffer.from(given.data.response.clientDataJSON, 'base64url')
  const said = clientData.safeParse(toJson(bytes.toString()))
  return said.success ? { given: given.data, challenge: said.data.challenge } : null
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
