import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { after, describe, test } from 'node:test'
import { decodeProtectedHeader, exportPKCS8, generateKeyPair, jwtVerify, SignJWT, UnsecuredJWT } from 'jose'
import {
  accessToken,
  type Forgery,
  type ForgingIssuer,
  startForgingIssuer,
} from '../../../test/support/forging-issuer.ts'
import { createOutboundClient } from '../../outbound/outbound-client.ts'
import { createUpstreams } from './create-upstreams.ts'
import { type ProvidersOptions, providersOptions } from './options.ts'
import { type Freshness, type Upstream, UpstreamError, type UpstreamIdentity } from './upstream.ts'

const clientId = 'portcullis'
const secret = 'a secret of the tests that is long enough'
const base = 'https://sso.example.com'
const request = {
  state: 'the-state',
  nonce: 'the-nonce',
  verifier: 'v'.repeat(43),
  redirectUri: 'https://login.example.com/with/x/callback',
  fresh: null,
}
const opened: { close(): Promise<void> }[] = []
after(() => Promise.all(opened.map((one) => one.close())))

const now = () => Math.floor(Date.now() / 1000)
const honest = (nonce: string) => ({ iss: base, sub: 's1', aud: clientId, iat: now(), exp: now() + 60, nonce })

async function open(input: unknown, address = base, claims: object = {}): Promise<[Upstream, ForgingIssuer]> {
  const issuer = await startForgingIssuer(address, (nonce) => ({ ...honest(nonce), ...claims }))
  opened.push(issuer, issuer.outbound)
  const options = providersOptions.parse(input) as ProvidersOptions
  const read = async (reference: string) => (reference.startsWith('env:') ? secret : ((await keys).pem as string))
  const upstreams = await createUpstreams(options, { outbound: issuer.outbound, secret: read, now: Date.now })
  return [[...upstreams.values()][0] as Upstream, issuer]
}
const keys = generateKeyPair('ES256', { extractable: true }).then(async ({ publicKey, privateKey }) => ({
  publicKey,
  pem: await exportPKCS8(privateKey),
}))

/** The tests' issuer takes the code for the nonce. */
function redeem(
  upstream: Upstream,
  answer: Record<string, string> = {},
  fresh: Freshness | null = null,
): Promise<UpstreamIdentity> {
  return upstream.redeem(
    { ...request, fresh },
    new URLSearchParams({ code: request.nonce, state: request.state, ...answer }),
  )
}
const fails = (work: Promise<unknown>, failure: string, what: string) =>
  assert.rejects(
    work,
    (error) => error instanceof UpstreamError && error.failure === failure && !error.message.includes(secret),
    what,
  )

const work = { work: { issuer: base, clientId, clientSecret: 'env:X' } }

describe('an OpenID Connect server', () => {
  test('is asked for a new login, and believed only where it says that there was one', async () => {
    const fresh = { maxAge: 300, at: Date.now() }
    const [upstream] = await open(work)
    const asked = async (one: Freshness) => (await upstream.begin({ ...request, fresh: one })).searchParams
    assert.deepEqual([(await asked(fresh)).get('max_age'), (await asked(fresh)).get('prompt')], ['300', null])
    const again = await asked({ ...fresh, maxAge: 0 })
    assert.deepEqual([again.get('max_age'), again.get('prompt')], ['0', 'login'])
    await fails(redeem(upstream, {}, fresh), 'stale', 'it says nothing')
    for (const [age, maxAge, isFresh] of [
      [100, 300, true],
      [400, 300, false],
      [10, 0, true],
      [60, 0, false],
    ] as const) {
      const authTime = now() - age
      const [one] = await open(work, base, { auth_time: authTime })
      const redeemed = redeem(one, {}, { maxAge, at: Date.now() })
      if (isFresh) assert.equal((await redeemed).authenticatedAt, authTime * 1000)
      else await fails(redeemed, 'stale', `${age} ${maxAge}`)
    }
    const [text] = await open(work, base, { auth_time: `${now()}` })
    await assert.rejects(redeem(text, {}, fresh))
  })

  test('is believed where everything is as it must be', async () => {
    const [upstream, issuer] = await open(work)
    const url = await upstream.begin(request)
    assert.equal(`${url.origin}${url.pathname}`, `${base}/authorize`)
    const challenge = createHash('sha256').update(request.verifier).digest('base64url')
    assert.deepEqual(Object.fromEntries(url.searchParams), {
      client_id: clientId,
      response_type: 'code',
      redirect_uri: request.redirectUri,
      scope: 'openid email profile',
      state: request.state,
      nonce: request.nonce,
      code_challenge: challenge,
      code_challenge_method: 'S256',
    })
    const half = createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url')
    issuer.forgery = { claims: { email: 'ann@orchard.test', email_verified: true, at_hash: half } }
    const who = await redeem(upstream)
    assert.deepEqual([who.issuer, who.subject, who.email, who.emailVerified], [base, 's1', 'ann@orchard.test', true])
    assert.equal(issuer.asked().get('code_verifier'), request.verifier)
    issuer.forgery = { claims: { email: 'ann@orchard.test', email_verified: 1 } }
    assert.equal((await redeem(upstream)).emailVerified, false)
  })

  test('is not believed where anything is not', async () => {
    const [upstream, issuer] = await open(work)
    const other = await generateKeyPair('RS256')
    const forgeries: Record<string, Forgery> = {
      'for another client': { claims: { aud: 'other' } },
      'for two, and not said for whom': { claims: { aud: [clientId, 'other'] } },
      'for two, issued to the other': { claims: { aud: [clientId, 'other'], azp: 'other' } },
      'of another issuer': { claims: { iss: 'https://evil.test' } },
      'without a nonce': { claims: { nonce: undefined } },
      'with the nonce of another login': { claims: { nonce: 'other' } },
      'that has ended': { claims: { exp: now() - 120 } },
      'without a subject': { claims: { sub: undefined } },
      'with an empty subject': { claims: { sub: '' } },
      'with the hash of another access token': { claims: { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' } },
      'that nobody signed': { sign: (claims) => new UnsecuredJWT(claims).encode() },
      'that is signed with the secret': {
        sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(secret)),
      },
      'that somebody else signed': {
        sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(other.privateKey),
      },
      'that is not there': { fields: { id_token: undefined } },
    }
    for (const [what, forgery] of Object.entries(forgeries)) {
      issuer.forgery = forgery
      await fails(redeem(upstream), 'failed', what)
    }
    issuer.forgery = {}
    assert.equal((await redeem(upstream)).subject, 's1')
    // Also where it says of itself that it signs so.
    issuer.metadata.id_token_signing_alg_values_supported = ['none', 'HS256', 'RS256']
    const [trusting, weak] = await open(work)
    weak.metadata.id_token_signing_alg_values_supported = ['none', 'HS256', 'RS256']
    for (const what of ['that nobody signed', 'that is signed with the secret']) {
      weak.forgery = forgeries[what] as Forgery
      await fails(redeem(trusting), 'failed', what)
    }
  })

  test('is asked for what is not in its ID token, of the same person', async () => {
    const [upstream, issuer] = await open({
      work: { ...work.work, roles: [{ claim: '/team/name', value: 'a', roles: ['b'] }] },
    })
    issuer.metadata.userinfo_endpoint = `${base}/me`
    let sub = 's1'
    issuer.documents.set('/me', () => ({ sub, email: 'me@orchard.test', email_verified: true, team: { name: 'a' } }))
    const more = await redeem(upstream)
    assert.deepEqual([more.email, more.emailVerified, more.claims.team], ['me@orchard.test', true, { name: 'a' }])
    // What one place says of an address is not said of that of another.
    issuer.forgery = { claims: { email: 'id@orchard.test' } }
    const mixed = await redeem(upstream)
    assert.deepEqual([mixed.email, mixed.emailVerified], ['id@orchard.test', false])
    sub = 's2'
    await fails(redeem(upstream), 'failed', 'somebody else')
  })

  test('names itself in answers, where it says that it does', async () => {
    const [upstream] = await open(work)
    assert.equal((await redeem(upstream, { iss: base })).subject, 's1')
    await fails(redeem(upstream, { iss: 'https://evil.test' }), 'failed', 'another name')
    const [strict, naming] = await open(work)
    naming.metadata.authorization_response_iss_parameter_supported = true
    await fails(redeem(strict), 'failed', 'no name')
    assert.equal((await redeem(strict, { iss: base })).subject, 's1')
    await fails(redeem(upstream, { state: 'other' }), 'failed', 'another state')
    const [renamed, liar] = await open(work)
    liar.metadata.issuer = 'https://evil.test'
    await fails(renamed.begin(request), 'failed', 'metadata of another name')
  })

  test('that denies, fails or is away is told apart, and asked again the next time', async () => {
    const [upstream, issuer] = await open(work)
    await fails(redeem(upstream, { error: 'access_denied' }), 'denied', 'denied')
    await fails(redeem(upstream, { error: 'temporarily_unavailable' }), 'unavailable', 'said so')
    await fails(redeem(upstream, { error: 'invalid_scope' }), 'failed', 'wrong')
    issuer.forgery = { status: 400, fields: { error: 'invalid_grant' } }
    await fails(redeem(upstream), 'failed', 'refused')
    issuer.forgery = { status: 503 }
    await fails(redeem(upstream), 'unavailable', '503')
    const options = providersOptions.parse({
      work: { ...work.work, issuer: 'http://127.0.0.1:9', allowPrivateAddress: { reason: 'a test' } },
    })
    const outbound = createOutboundClient()
    opened.push(outbound)
    const away = await createUpstreams(options, { outbound, secret: async () => secret, now: Date.now })
    await fails((away.get('work') as Upstream).begin(request), 'unavailable', 'nobody there')
  })

  test('on a private address is not asked unless the file allows it', async () => {
    const outbound = createOutboundClient()
    opened.push(outbound)
    const options = providersOptions.parse({ work: { ...work.work, issuer: 'https://10.1.2.3' } })
    const upstreams = await createUpstreams(options, { outbound, secret: async () => secret, now: Date.now })
    await assert.rejects((upstreams.get('work') as Upstream).begin(request), /a private address/)
  })
})

describe('presets', () => {
  test('Google', async () => {
    const address = 'https://accounts.google.com'
    const [upstream, issuer] = await open({ google: { clientId, clientSecret: 'env:X' } }, address, { iss: address })
    issuer.forgery = { claims: { email: 'ann@gmail.com', email_verified: true } }
    assert.equal((await upstream.begin(request)).origin, address)
    assert.deepEqual([upstream.label, (await redeem(upstream)).emailVerified], ['Google', true])
    assert.equal(issuer.asked().get('client_secret'), secret)
  })

  test('Microsoft: the tenant that signed in is in the issuer, and addresses are verified by xms_edov alone', async () => {
    const address = 'https://login.microsoftonline.com'
    const tid = '0d4a1c5f-1111-4222-8333-944444444444'
    const [upstream, issuer] = await open({ microsoft: { clientId, clientSecret: 'env:X' } }, address)
    issuer.metadata.issuer = `${address}/{tenantid}/v2.0`
    const claims = { iss: `${address}/${tid}/v2.0`, tid, email: 'ann@contoso.test', email_verified: true }
    issuer.forgery = { claims }
    const who = await redeem(upstream)
    assert.deepEqual([who.issuer, who.emailVerified], [claims.iss, false])
    issuer.forgery = { claims: { ...claims, xms_edov: true } }
    assert.equal((await redeem(upstream)).emailVerified, true)
    for (const other of [
      { tid: 'other' },
      { tid: undefined },
      { iss: `${address}/other/v2.0` },
      { iss: 'https://evil.test' },
    ]) {
      issuer.forgery = { claims: { ...claims, ...other } }
      await fails(redeem(upstream), 'failed', JSON.stringify(other))
    }
  })

  test('Apple: a secret that its key signs, an answer by form, `"true"` as a text', async () => {
    const address = 'https://appleid.apple.com'
    const apple = { clientId, teamId: 'TEAM123456', keyId: 'KEY1234567', key: 'file:AuthKey.p8' }
    const [upstream, issuer] = await open({ apple }, address, { iss: address })
    const url = await upstream.begin(request)
    assert.deepEqual(
      [url.searchParams.get('response_mode'), url.searchParams.get('scope')],
      ['form_post', 'openid email'],
    )
    issuer.forgery = { claims: { email: 'x@privaterelay.appleid.com', email_verified: 'true' } }
    assert.equal((await redeem(upstream)).emailVerified, true)
    const shown = issuer.asked().get('client_secret') as string
    const { payload } = await jwtVerify(shown, (await keys).publicKey, {
      issuer: 'TEAM123456',
      subject: clientId,
      audience: address,
    })
    assert.ok((payload.exp as number) - now() <= 300)
    assert.deepEqual(decodeProtectedHeader(shown), { alg: 'ES256', kid: 'KEY1234567' })
    await fails(redeem(upstream, { error: 'user_cancelled_authorize' }), 'denied', 'cancelled')
  })

  test('Facebook: the proof of the secret beside the token, and no address that counts as verified', async () => {
    const [upstream, issuer] = await open({ facebook: { clientId, clientSecret: 'env:X' } })
    const url = await upstream.begin(request)
    assert.equal(`${url.origin}${url.pathname}`, 'https://www.facebook.com/v24.0/dialog/oauth')
    const proof = createHmac('sha256', secret).update(accessToken).digest('hex')
    issuer.documents.set('/v24.0/me', ({ url: asked, headers }) => {
      const query = new URL(asked ?? '', base).searchParams
      const known = query.get('appsecret_proof') === proof && headers.authorization === `Bearer ${accessToken}`
      return known ? { id: '10158', name: 'Ann', email: 'ann@orchard.test' } : { error: { code: 100 } }
    })
    issuer.forgery = { fields: { id_token: undefined } }
    const who = await redeem(upstream)
    assert.deepEqual([who.issuer, who.subject, who.emailVerified], ['https://www.facebook.com', '10158', false])
    issuer.documents.set('/v24.0/me', () => ({ error: { code: 100 } }))
    await fails(redeem(upstream), 'failed', 'nobody')
  })

  test('plain OAuth 2: pointers, and ids that can be told apart', async () => {
    const plain = {
      clientId,
      clientSecret: 'env:X',
      authorize: `${base}/go`,
      token: `${base}/token`,
      userinfo: `${base}/who`,
    }
    const pointers = { id: '/data/id', email: '/data/mail', verified: '/data/sure', name: '/data/nick' }
    const [upstream, issuer] = await open({ intranet: { ...plain, ...pointers } })
    issuer.forgery = { fields: { id_token: undefined } }
    issuer.documents.set('/who', () => ({ data: { id: 7, mail: 'ann@orchard.test', sure: true, nick: 'Ann' } }))
    const who = await redeem(upstream, { iss: 'https://whatever.test' })
    assert.deepEqual([who.issuer, who.subject, who.emailVerified, who.name], [`${base}/who`, '7', true, 'Ann'])
    for (const id of [2 ** 53, 1.5, '', null, {}, ['7']]) {
      issuer.documents.set('/who', () => ({ data: { id } }))
      await fails(redeem(upstream), 'failed', JSON.stringify(id))
    }
    const [unsure, other] = await open({ intranet: plain })
    other.forgery = { fields: { id_token: undefined } }
    other.documents.set('/who', () => ({ id: 7, email: 'ann@orchard.test', email_verified: true, verified: true }))
    assert.equal((await redeem(unsure)).emailVerified, false)
  })

  test('a key of Apple that is none is told when the file is loaded', async () => {
    const options = providersOptions.parse({ apple: { clientId, teamId: 'T', keyId: 'K', key: 'file:x' } })
    const deps = { outbound: createOutboundClient(), secret: async () => 'not a key', now: Date.now }
    opened.push(deps.outbound)
    await assert.rejects(createUpstreams(options, deps), /identity\.providers\.apple\.key is no EC key/)
  })
})

describe('options of providers', () => {
  test('are refused where they cannot work', () => {
    const problems = (input: unknown) =>
      providersOptions.safeParse(input).error?.issues.map(({ message }) => message) ?? []
    const rest = { clientId, clientSecret: 'env:X' }
    assert.deepEqual(problems(work), [])
    assert.match(problems({ work: rest })[0] ?? '', /name its `issuer`/)
    assert.match(problems({ work: { ...rest, authorize: base } })[0] ?? '', /plain OAuth 2 needs/)
    assert.match(problems({ work: { ...rest, issuer: 'http://sso.example.com' } })[0] ?? '', /must begin with https/)
    const here = { ...rest, issuer: 'http://127.0.0.1:9' }
    assert.match(problems({ work: here })[0] ?? '', /only with `allowPrivateAddress/)
    assert.deepEqual(problems({ work: { ...here, allowPrivateAddress: { reason: 'a test' } } }), [])
    assert.match(problems({ github: { ...rest, server: 'http://localhost:9' } })[0] ?? '', /allowPrivateAddress/)
    assert.match(problems({ 'Work Place': work.work })[0] ?? '', /small letters/)
    assert.match(problems({ google: { ...rest, issuer: base } })[0] ?? '', /Unrecognized key/)
    assert.match(problems({ google: { clientId, clientSecret: 'a value' } })[0] ?? '', /by reference/)
  })
})
