import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createTestPipeline, parseTestOptions, runTestExchange } from '../../../test/support/exchange.ts'
import { createTestKey, signTestToken } from '../../../test/support/issuer.ts'
import { outboundPort } from '../../outbound/outbound.ts'
import { jwt } from '../jwt/index.ts'
import { issuersBlock } from '../jwt/issuer-options.ts'
import { compose } from './compose.ts'
import { stepUp } from './index.ts'
import type { StepUpOptions } from './options.ts'

const iss = 'https://login.example.com/'
const key = createTestKey()
const seconds = () => Math.floor(Date.now() / 1000)

async function call(options: unknown, claims: Record<string, unknown>) {
  const pipeline = await createTestPipeline(
    [{ policy: jwt }, { policy: stepUp, options }],
    { authenticated: true },
    {
      blocks: { issuers: issuersBlock.parse({ main: { issuer: iss, audience: 'shop', keys: 'env:KEYS' } }) },
      secrets: { 'env:KEYS': JSON.stringify({ keys: [key.jwk] }) },
      ports: [[outboundPort, {}]],
    },
  )
  const token = await signTestToken(iss, key, claims)
  const result = await runTestExchange({ pipeline, headers: { authorization: `Bearer ${token}` } })
  return { status: result.status, code: result.code, challenge: result.headers.get('www-authenticate') }
}

describe('step-up', () => {
  test('lets pass who logged in as was asked for', async () => {
    const lately = { acr: 'aal2', auth_time: seconds() - 60 }
    for (const options of [
      { acr: 'aal2' },
      { maxAge: '10m' },
      { acr: ['aal3', 'aal2'], maxAge: '10m' },
      { acr: 'aal1' },
    ])
      assert.equal((await call(options, lately)).status, 200, JSON.stringify(options))
  })

  test('refuses who logged in less strongly, and says what to ask for', async () => {
    for (const acr of ['aal1', 'AAL2', 'aal2 ', '', undefined, 2, ['aal2']]) {
      const claims = { ...(acr !== undefined && { acr }), auth_time: seconds() }
      const { status, code, challenge } = await call({ acr: 'aal2', maxAge: '10m' }, claims)
      assert.deepEqual([status, code], [401, 'step_up_acr'], JSON.stringify(acr))
      assert.equal(
        challenge,
        'Bearer error="insufficient_user_authentication", error_description="a stronger or a newer login is needed", acr_values="aal2", max_age="600"',
      )
    }
  })

  test('refuses a login that is too old, from the future, or that has no time', async () => {
    for (const auth_time of [seconds() - 601, seconds() + 3600, undefined, String(seconds()), -1, 1e300, null]) {
      const claims = { acr: 'aal2', ...(auth_time !== undefined && { auth_time }) }
      const { status, code } = await call({ acr: 'aal2', maxAge: '10m' }, claims)
      assert.deepEqual([status, code], [401, 'step_up_age'], String(auth_time))
    }
  })

  test('fails closed where nobody was identified', async () => {
    const pipeline = await createTestPipeline([{ policy: stepUp, options: { acr: 'aal2' } }])
    assert.equal((await runTestExchange({ pipeline })).code, 'credential_missing')
  })

  test('rejects options that ask for nothing, or for what cannot be', () => {
    for (const options of [{}, { acr: [] }, { acr: 'a"b' }, { acr: '' }, { maxAge: '1s' }, { acr: 'aal2', level: 2 }])
      assert.throws(() => parseTestOptions(stepUp, options), JSON.stringify(options))
  })

  test('a route may only ask for more', () => {
    const parse = (options: unknown) => parseTestOptions(stepUp, options) as StepUpOptions
    const outer = parse({ acr: ['aal2', 'aal3'], maxAge: '1h' })
    assert.equal(compose(outer, parse({ acr: 'aal3', maxAge: '10m' })), 'tighter')
    for (const own of [{ acr: 'aal1', maxAge: '1h' }, { acr: 'aal2' }, { maxAge: '1h' }, { acr: 'aal2', maxAge: '2h' }])
      assert.equal(compose(outer, parse(own)), 'looser', JSON.stringify(own))
  })
})
