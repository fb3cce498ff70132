import { isIP } from 'node:net'
import { z } from 'zod'
import { isLoopback } from '../loopback.ts'

const custom = z.strictObject({
  rpId: z
    .string()
    .max(253)
    .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, { error: 'not the name of a host, such as example.com' })
    .optional()
    .describe(
      'The host whose passkeys these are (the relying party): that of `issuer`, or a domain that it lies in. ' +
        'Passkeys are of no use under another one, so that a change makes all of them worthless. Default: the host of `issuer`.',
    ),
  name: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe('What browsers call this site where they ask. Default: that of `pages`, or the host of `issuer`.'),
  origins: z
    .array(z.string().max(300))
    .min(1)
    .max(20)
    .optional()
    .describe('Origins, beside that of `issuer`, of which a passkey may have been used: `https://login.example.com`.'),
})

/** How people log in without a password. */
export const passkeyOptions = z.union([z.literal('off'), custom])

export type PasskeyOptions = z.output<typeof passkeyOptions>

/** What passkeys are bound to, and what people are told that they log in to. */
export interface PasskeySite {
  readonly rpId: string
  readonly name: string
  readonly origins: readonly string[]
}

/** Null where there are no passkeys: they were switched off, or the issuer's host is an address, which has none. */
export function toPasskeySite(options: {
  readonly issuer: string
  readonly passkeys: PasskeyOptions
  readonly pages: { readonly name?: string | undefined }
}): PasskeySite | null {
  const { issuer, passkeys, pages } = options
  if (passkeys === 'off') return null
  const { hostname, host, origin } = new URL(issuer)
  if (isAddress(hostname)) return null
  const name = passkeys.name ?? pages.name ?? host
  const { rpId = hostname, origins = [] } = passkeys
  // Those of a tenant at another host are its own.
  if (!isWithin(hostname, rpId)) return { rpId: hostname, name, origins: [origin] }
  return { rpId, name, origins: [...new Set([origin, ...origins])] }
}

export interface PasskeyProblem {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** What no browser would go along with (WebAuthn section 5.1.3: the relying party is the host, or a suffix of it). */
export function findPasskeyProblems(issuer: string, passkeys: PasskeyOptions): PasskeyProblem[] {
  const url = URL.parse(issuer)
  if (url === null || passkeys === 'off') return []
  const { rpId = url.hostname, origins = [] } = passkeys
  const problems: PasskeyProblem[] = []
  if (isAddress(url.hostname)) {
    if (Object.keys(passkeys).length > 0)
      problems.push({
        path: [],
        message: `an issuer whose host is a name: ${url.hostname} is an address, which has no passkeys`,
      })
    return problems
  }
  if (!isWithin(url.hostname, rpId))
    problems.push({
      path: ['rpId'],
      message: `must be ${url.hostname}, the host of \`issuer\`, or a domain that it lies in`,
    })
  origins.forEach((origin, i) => {
    const message = findOriginProblem(origin, rpId)
    if (message !== null) problems.push({ path: ['origins', i], message })
  })
  return problems
}

function findOriginProblem(text: string, rpId: string): string | null {
  const url = URL.parse(text)
  if (url === null || url.origin !== text) return 'must be an origin such as https://login.example.com'
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname)))
    return 'must begin with https://'
  return isWithin(url.hostname, rpId) ? null : `must be ${rpId} or lie in it`
}

/** A single label, such as `com`, is nobody's own. */
function isWithin(host: string, domain: string): boolean {
  return host === domain || (domain.includes('.') && host.endsWith(`.${domain}`))
}

function isAddress(hostname: string): boolean {
  return hostname.startsWith('[') || isIP(hostname) !== 0
}
