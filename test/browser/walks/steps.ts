import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createAccount, password, secrets } from '../../support/identity.ts'
import { type IdentitySite, redirectUri, shop } from '../../support/identity-site.ts'
import { findLink, readMails } from '../../support/mail-folder.ts'
import type { Said, Walker } from '../../support/walker.ts'

export const newPassword = 'seven owls over a pond'

const verifier = randomBytes(32).toString('base64url')

export function toAuthorize({ issuer }: IdentitySite, changes: Record<string, string> = {}): string {
  const parameters = {
    ...{ client_id: 'web', response_type: 'code', scope: 'openid orders:read', redirect_uri: redirectUri },
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...changes,
  }
  return `${issuer}/authorize?${new URLSearchParams(parameters)}`
}

/** What the client does with the code that the browser came back with. */
export async function redeem({ ask }: IdentitySite, url: URL): Promise<string> {
  const code = url.searchParams.get('code') ?? ''
  const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier }
  const answer = await ask('/identity/token', { authorization: webAuthorization }, form)
  assert.equal(answer.status, 200, answer.body)
  return JSON.parse(answer.body).access_token
}

export const webAuthorization = `Basic ${Buffer.from(`web:${secrets.web}`).toString('base64')}`

export async function callApi({ ask }: IdentitySite, token: string): Promise<number> {
  return (await ask('/orders', { authorization: `Bearer ${token}` })).status
}

/** An account whose password is the tests' own; its name is one of the walk and its language. */
export async function addAccount({ folder }: IdentitySite, { language }: Walker, name: string): Promise<string> {
  const username = `${name}.${language}@orchard.test`
  await createAccount(folder, { id: `${name}-${language}`, username })
  return username
}

export async function logIn(walker: Walker, username: string, title: Said, secret = password): Promise<void> {
  await walker.type('login.username', username)
  await walker.type('login.password', secret)
  await walker.press('login.submit', title)
}

/** Opens the account page, by the login. */
export async function openAccount(site: IdentitySite, walker: Walker, username: string, secret = password) {
  await walker.open(`${site.issuer}/account`, 'login.title')
  await logIn(walker, username, 'account.title', secret)
  await walker.read(['account.signedInAs', { username }])
}

/** Lets the shop act for somebody. */
export async function allowShop(site: IdentitySite, walker: Walker, username: string): Promise<URL> {
  await walker.open(toAuthorize(site), 'login.title')
  await logIn(walker, username, 'consent.title')
  return walker.leave('consent.allow', shop)
}

/** The link of the last of so many mails. */
export async function readLink({ folder }: IdentitySite, to: string, count = 1): Promise<string> {
  return findLink((await readMails(join(folder, 'mails'), to, count))[count - 1] ?? '')
}
