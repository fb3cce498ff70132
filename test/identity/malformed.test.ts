import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { type ServedIdentity, secrets, serveIdentity } from '../support/identity.ts'

const redirectUri = 'https://shop.example.test/callback'
const challenge = createHash('sha256').update(randomBytes(32)).digest('base64url')
const form = 'application/x-www-form-urlencoded'
const long = 'x'.repeat(10_000)

type Changes = Readonly<Record<string, string | readonly string[] | null>>

describe('malformed parameters', () => {
  let served: ServedIdentity

  before(async () => {
    served = await serveIdentity({ workers: 1 })
  })
  after(() => {
    const output = served?.gateway.output() ?? ''
    return served?.stop().then(() => {
      assert.ok(!/identity_fault|"level":"error"/.test(output), output.slice(-4000))
    })
  })

  function toQuery(usual: Changes, changes: Changes): string {
    const pairs = Object.entries({ ...usual, ...changes }).flatMap(([name, value]) =>
      value === null ? [] : [value].flat().map((each) => [name, each] as [string, string]),
    )
    return new URLSearchParams(pairs).toString()
  }

  const authorizeUsual = {
    client_id: 'web',
    response_type: 'code',
    scope: 'openid',
    redirect_uri: redirectUri,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    state: 'state-1',
  }
  const authorize = (changes: Changes) =>
    fetch(`${served.issuer}/authorize?${toQuery(authorizeUsual, changes)}`, { redirect: 'manual' })

  const basic = () => `Basic ${Buffer.from(`web:${secrets.web}`).toString('base64')}`
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${served.issuer}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': form, authorization: basic(), ...headers },
      body,
    })

  test('what the client may be told, it is told at its address, with who says so and its state', async () => {
    const cases: [Changes, string][] = [
      [{ response_type: null }, 'invalid_request'],
      [{ response_type: '' }, 'invalid_request'],
      [{ response_type: 'token' }, 'unsupported_response_type'],
      [{ response_type: '__proto__' }, 'unsupported_response_type'],
      [{ response_mode: 'nothing' }, 'unsupported_response_mode'],
      [{ prompt: 'x' }, 'invalid_request'],
      [{ prompt: 'none login' }, 'invalid_request'],
      [{ prompt: 'none' }, 'login_required'],
      [{ max_age: '-1' }, 'invalid_request'],
      [{ max_age: 'x' }, 'invalid_request'],
      [{ max_age: '1.5' }, 'invalid_request'],
      [{ max_age: '9'.repeat(30) }, 'invalid_request'],
      [{ scope: ['openid', 'profile'] }, 'invalid_request'],
      [{ prompt: ['login', 'consent'] }, 'invalid_request'],
      [{ nonce: ['a', 'b'] }, 'invalid_request'],
      [{ id_token_hint: 'x' }, 'invalid_request'],
      [{ id_token_hint: 'a.b.c' }, 'invalid_request'],
      [{ code_challenge: 'short' }, 'invalid_request'],
      [{ code_challenge_method: 'plain' }, 'invalid_request'],
      [{ resource: 'x' }, 'invalid_target'],
      [{ resource: 'https://elsewhere.example.test/' }, 'invalid_target'],
      [{ request: 'x' }, 'invalid_request_object'],
      [{ request_uri: 'https://evil.test/request' }, 'request_uri_not_supported'],
      [{ request_uri: 'urn:ietf:params:oauth:request_uri:none' }, 'invalid_request_uri'],
      [{ registration: '{}' }, 'registration_not_supported'],
    ]
    for (const [changes, error] of cases) {
      const response = await authorize(changes)
      const name = JSON.stringify(changes)
      assert.equal(response.status, 303, `${name}: ${response.status}`)
      const sent = response.headers.get('location') ?? ''
      assert.ok(sent.startsWith(redirectUri), `${name}: ${sent}`)
      const location = new URL(sent)
      const told = location.hash === '' ? location.searchParams : new URLSearchParams(location.hash.slice(1))
      assert.equal(told.get('error'), error, `${name}: ${told}`)
      assert.equal(told.get('iss'), served.issuer, name)
      assert.equal(told.get('state'), 'state-1', name)
    }
  })

  test('where nobody knows whom to tell, the person sees a page', async () => {
    const wrong: string[] = []
    for (const changes of [
      { client_id: null },
      { client_id: '' },
      { client_id: 'nobody' },
      { client_id: long },
      { client_id: ['web', 'cli'] },
      { client_id: '\0' },
      { redirect_uri: null },
      { redirect_uri: '' },
      { redirect_uri: 'x' },
      { redirect_uri: 'javascript:alert(1)' },
      { redirect_uri: [redirectUri, 'https://evil.test/'] },
    ] as Changes[]) {
      const response = await authorize(changes)
      const [location, type] = [response.headers.get('location'), response.headers.get('content-type') ?? '']
      const isPage = response.status === 400 && location === null && type.startsWith('text/html')
      // What is longer than a request may be gets no further than the listener.
      const isTooLong = [414, 431].includes(response.status) && location === null
      if (!isPage && !isTooLong) wrong.push(`${JSON.stringify(changes).slice(0, 100)}: ${response.status} ${location}`)
    }
    assert.deepEqual(wrong, [])
  })

  test('on a page in another language, what the standards say is marked as English', async () => {
    const query = toQuery(authorizeUsual, { client_id: 'nobody' })
    const response = await fetch(`${served.issuer}/authorize?${query}`, { headers: { 'accept-language': 'de' } })
    const page = await response.text()
    assert.match(page, /<html lang="de"/)
    assert.match(page, /<code>invalid_client<\/code>: <span lang="en">client is invalid<\/span>/)
  })

  test('programs are told in JSON', async () => {
    const code = { grant_type: 'authorization_code', code: 'x', redirect_uri: redirectUri, code_verifier: challenge }
    const cases: [string, string, string][] = [
      ['/token', '', 'invalid_request'],
      ['/token', 'grant_type=', 'invalid_request'],
      ['/token', 'grant_type=x', 'unsupported_grant_type'],
      ['/token', 'grant_type=__proto__', 'unsupported_grant_type'],
      ['/token', 'grant_type=client_credentials&grant_type=refresh_token', 'invalid_request'],
      ['/token', toQuery(code, {}), 'invalid_grant'],
      ['/token', toQuery(code, { code: null }), 'invalid_request'],
      ['/token', toQuery(code, { code: ['a', 'b'] }), 'invalid_request'],
      ['/token', toQuery(code, { code: long }), 'invalid_grant'],
      ['/token', toQuery(code, { redirect_uri: null }), 'invalid_request'],
      ['/token', toQuery(code, { code_verifier: 'short' }), 'invalid_grant'],
      ['/token', 'grant_type=refresh_token', 'invalid_request'],
      ['/token', 'grant_type=refresh_token&refresh_token=%00', 'invalid_grant'],
      ['/token', `grant_type=refresh_token&refresh_token=${long}`, 'invalid_grant'],
      ['/token', 'grant_type[]=x&grant_type[a]=y', 'invalid_request'],
      ['/token', '%', 'invalid_request'],
      ['/par', '', 'invalid_request'],
      ['/par', toQuery(authorizeUsual, { redirect_uri: 'https://evil.test/' }), 'invalid_request'],
      ['/par', toQuery(authorizeUsual, { response_type: 'token' }), 'unsupported_response_type'],
      ['/par', toQuery(authorizeUsual, { request_uri: 'urn:x' }), 'request_uri_not_supported'],
      ['/par', toQuery(authorizeUsual, { scope: ['openid', 'x'] }), 'invalid_request'],
      ['/par', toQuery(authorizeUsual, { request: 'x' }), 'invalid_request_object'],
      ['/revoke', '', 'invalid_request'],
      ['/revoke', 'token=', 'invalid_request'],
      ['/revoke', 'token=a&token=b', 'invalid_request'],
      ['/introspect', '', 'invalid_request'],
      ['/introspect', 'token=a&token=b', 'invalid_request'],
    ]
    const wrong: string[] = []
    for (const [path, body, error] of cases) {
      const response = await post(path, body)
      const told = await response.text()
      const isRight = response.status === 400 && /^application\/json/.test(response.headers.get('content-type') ?? '')
      if (!isRight || JSON.parse(told).error !== error)
        wrong.push(`${path} ${body.slice(0, 120)}: ${told.slice(0, 200)}`)
    }
    assert.deepEqual(wrong, [])
    for (const [path, body] of [
      ['/revoke', `token=${long}`],
      ['/revoke', 'token=%00&token_type_hint=x'],
      ['/introspect', `token=${long}`],
      ['/introspect', 'token=a.b.c&token_type_hint=__proto__'],
    ] as const) {
      assert.equal((await post(path, body)).status, 200, `${path} ${body.slice(0, 60)}`)
    }
  })

  test('another content type, method or size is refused as what it is', async () => {
    for (const path of ['/token', '/par', '/revoke', '/introspect']) {
      const json = await post(path, '{"grant_type":"client_credentials","token":"x"}', {
        'content-type': 'application/json',
      })
      assert.equal(json.status, 400, path)
      assert.equal(((await json.json()) as Record<string, string>).error, 'invalid_request', path)
      const got = await fetch(`${served.issuer}${path}?grant_type=client_credentials`, {
        headers: { authorization: basic() },
      })
      assert.ok([404, 405].includes(got.status), `${path}: ${got.status}`)
      const large = await post(path, `token=${'x'.repeat(200_000)}`)
      assert.equal(large.status, 413, path)
    }
    for (const authorization of ['Basic', 'Basic x', 'Basic =', 'Bearer x', `Basic ${long}`, 'Basic Og==']) {
      const { status } = await post('/token', 'grant_type=client_credentials', { authorization })
      assert.ok(status === 400 || status === 401, `${authorization.slice(0, 20)}: ${status}`)
    }
  })

  test('a logout with nonsense is a page, and leads nowhere', async () => {
    for (const query of [
      'id_token_hint=x',
      'id_token_hint=a.b.c',
      'id_token_hint=a&id_token_hint=b',
      'client_id=nobody',
      'client_id=web&post_logout_redirect_uri=https://evil.test/',
      'client_id=web&client_id=cli',
      `id_token_hint=${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"aud":{}}').toString('base64url')}.`,
    ]) {
      const response = await fetch(`${served.issuer}/logout?${query}`, {
        redirect: 'manual',
        headers: { accept: 'text/html' },
      })
      assert.equal(response.status, 400, `${query}: ${response.status}`)
      assert.equal(response.headers.get('location'), null, query)
      assert.match(response.headers.get('content-type') ?? '', /^text\/html/, query)
    }
    assert.equal((await post('/logout/confirm', 'xsrf=x&xsrf=y')).status, 400)
    assert.equal((await post('/logout/confirm', '{}', { 'content-type': 'application/json' })).status, 400)
  })

  test('whatever is sent, nobody is led astray and nothing breaks', async () => {
    const names = ['client_id', 'response_type', 'response_mode', 'scope', 'redirect_uri', 'state', 'nonce', 'prompt']
    const more = ['max_age', 'claims', 'id_token_hint', 'login_hint', 'acr_values', 'ui_locales', 'resource', 'request']
    const rest = ['request_uri', 'code_challenge', 'code_challenge_method', 'dpop_jkt', 'grant_type', 'code', 'token']
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom('', 'web', 'code', redirectUri, 'none', '{}', '[]', 'null', '__proto__', 'a.b.c', '-1', 'S256'),
    )
    const changes = fc.dictionary(
      fc.constantFrom(...names, ...more, ...rest),
      fc.oneof(value, fc.array(value, { maxLength: 3 })),
      {
        maxKeys: 4,
      },
    )
    const run = async (given: Changes, path: string) => {
      const response =
        path === '/authorize'
          ? await authorize(given)
          : await post(path, toQuery(path === '/par' ? authorizeUsual : {}, given))
      assert.ok(response.status < 500, `${path}: ${response.status}`)
      const location = response.headers.get('location')
      const allowed =
        location === null ||
        location.startsWith(redirectUri) ||
        location.startsWith('/identity/') ||
        location.startsWith(served.issuer)
      assert.ok(allowed, `${path}: ${location}`)
      await response.arrayBuffer()
    }
    const paths = fc.constantFrom('/authorize', '/token', '/par', '/revoke', '/introspect')
    await fc.assert(fc.asyncProperty(changes, paths, run), { numRuns: 100 })
  })
})
