import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { decodeJwt } from 'jose'
import { eventually } from '../support/eventually.ts'
import { addTotp } from '../support/factors.ts'
import { createAccount, password, type ServedIdentity, secrets, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'

const redirectUri = 'https://old.example.test/callback'
const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10)
const open = `{ reason: it is being moved, until: '${until}' }`
const clients = [
  `{ id: old-app, secret: env:TEST_WEB_SECRET, grants: [], scopes: ['orders:read'], legacy: { password: ${open} } }`,
  `{ id: old-page, grants: [], scopes: ['orders:read'], redirectUris: ['${redirectUri}'], consent: given, legacy: { implicit: ${open} } }`,
]

let served: ServedIdentity
before(async () => {
  served = await serveIdentity({ workers: 1, clients })
  await createAccount(served.gateway.folder)
})
after(() => served?.stop())

async function typePassword(fields: Record<string, string>, id = 'old-app') {
  const authorization = `Basic ${Buffer.from(`${id}:${secrets.web}`).toString('base64')}`
  const body = new URLSearchParams({ grant_type: 'password', username: 'alice', password, ...fields })
  const response = await fetch(`${served.issuer}/token`, { method: 'POST', headers: { authorization }, body })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

async function authorize(parameters: Record<string, string>): Promise<string> {
  const usual = { client_id: 'old-page', redirect_uri: redirectUri, scope: 'openid orders:read', nonce: 'n-0123456789' }
  const query = new URLSearchParams({ ...usual, response_type: 'id_token token', ...parameters })
  return new LoginBrowser().logIn(`${served.issuer}/authorize?${query}`, { username: 'alice', password })
}

test('the password grant: a short token, never one that renews it', async () => {
  const { status, body } = await typePassword({ scope: 'openid offline_access orders:read orders:write' })
  assert.equal(status, 200, JSON.stringify(body))
  assert.deepEqual([body.expires_in, body.refresh_token, body.scope], [300, undefined, 'openid orders:read'])
  assert.equal((await served.callApi(`Bearer ${body.access_token}`)).status, 200)
})

test('the implicit grant: a short token in the fragment, never one that renews it', async () => {
  const end = new URL(await authorize({ scope: 'openid offline_access orders:read' }))
  assert.equal(end.search, '')
  const answer = new URLSearchParams(end.hash.slice(1))
  assert.deepEqual([answer.get('expires_in'), answer.has('refresh_token'), answer.has('code')], ['300', false, false])
  assert.equal(decodeJwt(answer.get('id_token') as string).nonce, 'n-0123456789')
  assert.equal((await served.callApi(`Bearer ${answer.get('access_token')}`)).status, 200)
})

test('it is said at the start', async () => {
  for (const said of [/old-app.*takes the passwords of people until/, /old-page.*gets tokens in addresses until/])
    await eventually(String(said), () => said.test(served.gateway.output()))
})

test('other clients have neither', async () => {
  for (const id of ['web', 'api']) assert.equal((await typePassword({}, id)).status, 400)
  const end = await authorize({ client_id: 'web', redirect_uri: 'https://shop.example.test/callback' })
  assert.match(end, /[#?&]error=(invalid_request|unsupported_response_type)/)
  assert.doesNotMatch(end, /access_token/)
})

test('no nonce, no openid, a bare token, a query and another address are refused', async () => {
  for (const changes of [
    { nonce: '' },
    { scope: 'orders:read' },
    { response_type: 'token' },
    { response_mode: 'query' },
  ]) {
    const end = await authorize(changes as Record<string, string>)
    assert.match(end, /[#?&]error=/, JSON.stringify(changes))
    assert.doesNotMatch(end, /access_token/)
  }
  const elsewhere = await authorize({ redirect_uri: `${redirectUri}/x` })
  assert.equal(new URL(elsewhere).origin, served.origin)
})

test('a password alone opens no account that has a second factor', async () => {
  const bob = { id: 'account-bob', username: 'bob' }
  await createAccount(served.gateway.folder, bob)
  assert.equal((await typePassword({ username: 'bob' })).status, 200)
  await addTotp(served.gateway.folder, bob.id)
  const [refused, wrong] = [await typePassword({ username: 'bob' }), await typePassword({ username: 'nobody' })]
  assert.deepEqual([refused.status, refused], [400, wrong])
})

test('passwords cannot be guessed, and nobody learns which names there are', async () => {
  const [wrong, nobody] = [await typePassword({ password: 'wrong' }), await typePassword({ username: 'nobody' })]
  assert.deepEqual(wrong, nobody)
  assert.equal(wrong.body.error, 'invalid_grant')
  for (let i = 0; i < 12; i++) await typePassword({ password: `wrong ${i}` })
  const right = await typePassword({})
  assert.equal(right.status, 400)
  assert.match(String(right.body.error_description), /too many attempts/)
})
