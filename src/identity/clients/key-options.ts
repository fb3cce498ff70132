import { z } from 'zod'
import { parseClientKeys } from './parse-keys.ts'

/** Where keys of a client are: in a file or variable, at an address, or here. */
export type KeysOption =
  | { readonly reference: string }
  | { readonly url: string }
  | { readonly jwks: readonly Readonly<Record<string, unknown>>[] }

const reference = /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/

const written = z
  .string()
  .max(2000)
  .superRefine((text, context) => {
    if (reference.test(text)) return
    const message = findUrlProblem(text)
    if (message !== null) context.addIssue({ code: 'custom', message })
  })
  .transform((text): KeysOption => (reference.test(text) ? { reference: text } : { url: text }))

const inline = z
  .array(z.record(z.string(), z.unknown()))
  .min(1)
  .max(20)
  .superRefine((keys, context) => {
    try {
      parseClientKeys({ keys })
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message })
    }
  })
  .transform((jwks): KeysOption => ({ jwks }))

/** The public keys of a client. */
export const keysOption = z.union([written, inline])

/** Never repeats an address: it may hold a password. */
function findUrlProblem(text: string): string | null {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return 'must be file:path, env:NAME, a URL such as https://app.example.com/jwks.json, or a list of public JWKs'
  }
  return url.username !== '' || url.password !== '' ? 'must not hold a user name or password' : null
}
