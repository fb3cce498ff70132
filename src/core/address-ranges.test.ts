import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createNetworkSet, parseAddress } from './address.ts'

const includes = (cidrs: readonly string[], text: string) => {
  const address = parseAddress(text)
  assert.ok(address)
  return createNetworkSet(cidrs).includes(address)
}

test('finds addresses in nested, adjacent and distant networks of both families', () => {
  const networks = [
    '10.0.0.0/8',
    '10.1.0.0/16',
    '192.0.2.7',
    '2001:db8::/32',
    '2001:db8:1::/48',
    '::ffff:198.51.100.0/120',
  ]
  for (const text of [
    '10.0.0.0',
    '10.255.255.255',
    '192.0.2.7',
    '2001:db8:ffff::1',
    '198.51.100.255',
    '::ffff:10.1.2.3',
  ]) {
    assert.equal(includes(networks, text), true, text)
  }
  for (const text of [
    '9.255.255.255',
    '11.0.0.0',
    '192.0.2.8',
    '2001:db9::',
    '2001:db7:ffff::',
    '198.51.101.0',
    '::1',
  ]) {
    assert.equal(includes(networks, text), false, text)
  }
})

test('an IPv6 network never holds an IPv4 address, nor the other way round', () => {
  assert.equal(includes(['::/0'], '192.0.2.1'), false)
  assert.equal(includes(['0.0.0.0/0'], '2001:db8::1'), false)
})

test('covers a network that lies within, also when two halves make up the whole', () => {
  const set = createNetworkSet(['10.0.0.0/9', '10.128.0.0/9', '2001:db8::/33', '2001:db8:8000::/33'])
  assert.equal(set.covers('10.0.0.0/8'), true)
  assert.equal(set.covers('10.3.0.0/16'), true)
  assert.equal(set.covers('10.0.0.0/7'), false)
  assert.equal(set.covers('2001:db8::/32'), true)
  assert.equal(set.covers('2001:db8::/31'), false)
  assert.equal(createNetworkSet([]).covers('10.0.0.1'), false)
})

test('agrees with a comparison of leading bits, whatever the networks', () => {
  const word = fc.nat(255)
  const network = fc.tuple(fc.array(word, { minLength: 4, maxLength: 4 }), fc.integer({ min: 0, max: 32 }))
  const bits = (octets: readonly number[]) => octets.map((octet) => octet.toString(2).padStart(8, '0')).join('')
  fc.assert(
    fc.property(
      fc.array(network, { maxLength: 12 }),
      fc.array(word, { minLength: 4, maxLength: 4 }),
      (networks, octets) => {
        const set = createNetworkSet(networks.map(([base, prefix]) => `${base.join('.')}/${prefix}`))
        const address = parseAddress(octets.join('.'))
        assert.ok(address)
        const expected = networks.some(
          ([base, prefix]) => bits(base).slice(0, prefix) === bits(octets).slice(0, prefix),
        )
        assert.equal(set.includes(address), expected)
      },
    ),
    { numRuns: 500 },
  )
})
