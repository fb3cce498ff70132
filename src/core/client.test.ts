import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClientResolver } from './client.ts'
import { Fields } from './fields.ts'

const trusting = createClientResolver({
  trustProxies: ['10.0.0.0/8', '2001:db8:ffff::/48'],
  forwardingHeader: 'x-forwarded-for',
  ipv6Prefix: 64,
})

function addressOf(peer: string, ...flat: string[]): string {
  return trusting.resolve(peer, new Fields(flat)).address
}

test('a header from an untrusted peer is not believed', () => {
  assert.equal(addressOf('203.0.113.9', 'x-forwarded-for', '1.2.3.4'), '203.0.113.9')
})

test('behind trusted proxies the nearest untrusted hop is the client, not what it claims', () => {
  assert.equal(addressOf('10.0.0.1', 'x-forwarded-for', '1.2.3.4, 198.51.100.7, 10.0.0.2'), '198.51.100.7')
  assert.equal(addressOf('10.0.0.1', 'x-forwarded-for', '1.2.3.4', 'x-forwarded-for', '198.51.100.7'), '198.51.100.7')
})

test('a hop that cannot be read ends the chain: what stands before it is worth nothing', () => {
  assert.equal(addressOf('10.0.0.1', 'x-forwarded-for', '1.2.3.4, unknown, 10.0.0.2'), '10.0.0.2')
  assert.equal(addressOf('10.0.0.1', 'x-forwarded-for', 'garbage'), '10.0.0.1')
})

test('only the configured header counts', () => {
  assert.equal(addressOf('10.0.0.1', 'forwarded', 'for=1.2.3.4'), '10.0.0.1')
  const forwarded = createClientResolver({
    trustProxies: ['10.0.0.0/8'],
    forwardingHeader: 'forwarded',
    ipv6Prefix: 64,
  })
  const fields = new Fields(['forwarded', 'for="[2001:db8:1:2::9]:4711";proto=https', 'x-forwarded-for', '1.2.3.4'])
  assert.equal(forwarded.resolve('10.0.0.1', fields).address, '2001:db8:1:2::9')
})

test('ports, brackets and mapped addresses are read', () => {
  assert.equal(addressOf('::ffff:10.0.0.1', 'x-forwarded-for', '198.51.100.7:1234'), '198.51.100.7')
  assert.equal(addressOf('10.0.0.1', 'x-forwarded-for', '[2001:db8::1]:443'), '2001:db8::1')
  assert.equal(addressOf('::ffff:203.0.113.9'), '203.0.113.9')
})

test('IPv6 clients are keyed by their /64, so that one subscriber has one limit', () => {
  const a = trusting.resolve('2001:db8:1:2:3::4', new Fields())
  const b = trusting.resolve('2001:db8:1:2:ffff::1', new Fields())
  const c = trusting.resolve('2001:db8:1:3::1', new Fields())
  assert.equal(a.key, b.key)
  assert.notEqual(a.key, c.key)
})
