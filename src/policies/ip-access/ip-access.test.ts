import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestPipeline, parseTestOptions, runTestExchange } from '../../../test/support/exchange.ts'
import { ipAccess } from './index.ts'
import type { IpAccessOptions } from './options.ts'

const read = (options: unknown) => parseTestOptions(ipAccess, options) as IpAccessOptions
const call = (client: string, options: unknown, mode?: 'observe') =>
  runTestExchange({ client, policies: [{ policy: ipAccess, options, ...(mode && { mode }) }] })

test('without the policy, every address passes', async () => {
  assert.equal((await runTestExchange({ client: '203.0.113.9' })).forwarded, true)
})

test('an allow list admits its networks and refuses every other address', async () => {
  const options = { allow: ['10.0.0.0/8', '2001:db8:1::/48'] }
  for (const address of ['10.1.2.3', '2001:db8:1::5']) assert.equal((await call(address, options)).forwarded, true)
  for (const address of ['11.0.0.1', '2001:db8:2::5', '203.0.113.9']) {
    const { forwarded, status, code, exchange } = await call(address, options)
    assert.deepEqual([forwarded, status, code], [false, 403, 'ip_access_denied'], address)
    assert.equal(exchange.decidedBy, 'ip-access')
  }
})

test('a deny list wins over an allow list', async () => {
  const options = { allow: ['10.0.0.0/8'], deny: ['10.66.0.0/16'] }
  assert.equal((await call('10.66.1.1', options)).status, 403)
  assert.equal((await call('10.67.1.1', options)).status, 200)
  assert.equal((await call('192.0.2.1', { deny: ['10.66.0.0/16'] })).status, 200)
})

test('an IPv4 address mapped into IPv6 does not get around a list', async () => {
  assert.equal((await call('::ffff:10.66.1.1', { deny: ['10.66.0.0/16'] })).status, 403)
  assert.equal((await call('::ffff:a42:101', { deny: ['10.66.0.0/16'] })).status, 403)
  assert.equal((await call('10.66.1.1', { deny: ['::ffff:10.66.0.0/112'] })).status, 403)
})

test('fails closed: an address that cannot be read is refused, by a deny list too', async () => {
  for (const address of ['', 'unix:', '10.66.1', '010.66.1.1', '10.66.1.1, 192.0.2.1']) {
    assert.equal((await call(address, { deny: ['10.66.0.0/16'] })).status, 403, address)
  }
})

test('a hidden route answers as one that does not exist', async () => {
  const hidden = await call('192.0.2.1', { allow: ['10.0.0.0/8'], status: 'hidden' })
  assert.deepEqual([hidden.status, hidden.code], [404, 'ip_access_hidden'])
  assert.match(hidden.body, /urn:problem-type:not-found/)
})

test('observe mode lets pass and records', async () => {
  const { forwarded, exchange } = await call('192.0.2.1', { allow: ['10.0.0.0/8'] }, 'observe')
  assert.equal(forwarded, true)
  assert.deepEqual(exchange.observed, [{ policy: 'ip-access', code: 'ip_access_denied' }])
})

test('the cache stays bounded and does not change a decision under a flood of addresses', async () => {
  const pipeline = await createTestPipeline([{ policy: ipAccess, options: { allow: ['10.0.0.0/8'] } }])
  for (let i = 0; i < 10_000; i++) {
    const refused = await runTestExchange({ pipeline, client: `192.0.${i >> 8}.${i & 255}` })
    if (refused.forwarded) assert.fail(`192.0.${i >> 8}.${i & 255} passed`)
  }
  assert.equal((await runTestExchange({ pipeline, client: '10.0.0.1' })).forwarded, true)
  assert.equal((await runTestExchange({ pipeline, client: '192.0.0.0' })).forwarded, false)
})

test('rejects bad configuration', () => {
  for (const bad of [
    {},
    { allow: ['10.0.0.0/33'] },
    { deny: ['example.com'] },
    { allow: ['10.0.0.1'], status: 'gone' },
  ]) {
    assert.throws(() => read(bad), JSON.stringify(bad))
  }
  assert.throws(() => read({ allow: ['10.0.0.0/8'], denny: [] }), /denny/)
})

test('routes may narrow an inherited allow list; a network outside it is looser', () => {
  const compose = (inherited: unknown, own: unknown) => ipAccess.compose(read(inherited), read(own))
  assert.equal(compose({ allow: ['10.0.0.0/8'] }, { allow: ['10.1.0.0/16'] }), 'both')
  assert.equal(compose({ allow: ['10.0.0.0/8'] }, { deny: ['10.1.0.0/16'] }), 'both')
  assert.equal(compose({ deny: ['10.0.0.0/8'] }, { allow: ['192.0.2.0/24'] }), 'both')
  assert.equal(compose({ allow: ['10.0.0.0/8'] }, { allow: ['10.1.0.0/16', '192.0.2.0/24'] }), 'looser')
})

test('probes judge the prober by its own address and attack with forged forwarding fields', () => {
  const route = { id: 'r', path: '/', methods: [], hosts: [], upstream: 'u', authenticated: false }
  const target = { route, path: '/orders', method: 'GET', observe: false }
  const options = read({ allow: ['10.0.0.0/8'] })
  const kinds = (address: string | null, observe = false) =>
    ipAccess.probes(options, { ...target, address, observe }).map(({ kind }) => kind)
  assert.deepEqual(kinds('10.0.0.1'), ['honest'])
  assert.deepEqual(kinds('127.0.0.1'), ['attack', 'attack'])
  assert.deepEqual(kinds('127.0.0.1', true), [])
  assert.deepEqual(kinds(null), [])
})
