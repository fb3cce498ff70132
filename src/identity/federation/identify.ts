import { createHmac } from 'node:crypto'
import { OutboundError } from '../../outbound/outbound-error.ts'
import type { Ask } from './oauth2-upstream.ts'
import type { CustomProvider } from './options.ts'
import { isTrue, readClaim, toSubject, toText } from './read-claims.ts'
import { UpstreamError, type UpstreamIdentity } from './upstream.ts'

/*
 * Who an access token stands for, at servers that do not know OpenID Connect.
 */

type Identify = (ask: Ask, accessToken: string) => Promise<UpstreamIdentity>
type Claims = Readonly<Record<string, unknown>>

/** @param api its address, such as `https://api.github.com` */
export function createGitHubIdentify(issuer: string, api: string): Identify {
  return async (ask) => {
    const user = await askForObject(ask, `${api}/user`)
    const found = (await askForEmails(ask, `${api}/user/emails?per_page=100`)).find(
      ({ primary, verified }) => primary === true && verified === true,
    )
    const email = toText(found?.email, 254)
    const name = toText(user.name, 200) ?? toText(user.login, 200)
    return {
      issuer,
      subject: requireSubject(user.id),
      email,
      emailVerified: email !== null,
      name,
      authenticatedAt: null,
      claims: user,
    }
  }
}

/**
 * Facebook says nothing about whether an address is verified, so that none is. The proof ties the token to the secret of
 * this application: one that was given to another is worth nothing here.
 */
export function createFacebookIdentify(issuer: string, me: string, secret: string): Identify {
  return async (ask, accessToken) => {
    const proof = createHmac('sha256', secret).update(accessToken).digest('hex')
    const query = new URLSearchParams({ fields: 'id,name,email', appsecret_proof: proof })
    const user = await askForObject(ask, `${me}?${query}`)
    const [email, name] = [toText(user.email, 254), toText(user.name, 200)]
    return {
      issuer,
      subject: requireSubject(user.id),
      email,
      emailVerified: false,
      name,
      authenticatedAt: null,
      claims: user,
    }
  }
}

export function createPlainIdentify(
  issuer: string,
  userinfo: string,
  { id, email, verified, name }: Pick<CustomProvider, 'id' | 'email' | 'verified' | 'name'>,
): Identify {
  return async (ask) => {
    const user = await askForObject(ask, userinfo)
    return {
      issuer,
      subject: requireSubject(readClaim(user, id)),
      email: toText(readClaim(user, email), 254),
      emailVerified: verified !== undefined && isTrue(readClaim(user, verified)),
      name: toText(readClaim(user, name), 200),
      authenticatedAt: null,
      claims: user,
    }
  }
}

async function askForObject(ask: Ask, url: string): Promise<Claims> {
  const answer = await ask(url)
  if (typeof answer === 'object' && answer !== null && !Array.isArray(answer)) return answer as Claims
  throw new UpstreamError('failed', 'it did not say who this is')
}

/** None where the person, or the application, does not let it be known. */
async function askForEmails(ask: Ask, url: string): Promise<readonly Claims[]> {
  try {
    const answer = await ask(url)
    return Array.isArray(answer) ? answer.filter((one) => typeof one === 'object' && one !== null) : []
  } catch (error) {
    if (error instanceof OutboundError && (error.status === 403 || error.status === 404)) return []
    throw error
  }
}

function requireSubject(value: unknown): string {
  const subject = toSubject(value)
  if (subject === null) throw new UpstreamError('failed', 'it did not say who this is')
  return subject
}
