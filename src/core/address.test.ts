import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkNetwork, createNetworkSet, parseAddress, parseCidr, toAddressText } from './address.ts'

test('forms that programs read differently are no addresses', () => {
  for (const text of [
    '127.1',
    '010.0.0.1',
    '0x7f.0.0.1',
    '2130706433',
    '1.2.3.4.5',
    '1.2.3.256',
    '',
    ' 1.2.3.4',
    '1.2.3.4.',
    ':::1',
    '12345::',
  ]) {
    assert.equal(parseAddress(text), null, text)
  }
})

test('mapped IPv6 is IPv4, zones and brackets are dropped', () => {
  const texts = ['::ffff:1.2.3.4', '::ffff:102:304', '1.2.3.4', 'fe80::1%eth0', '[2001:DB8:0:0::1]'].map((text) => {
    const address = parseAddress(text)
    return address === null ? null : toAddressText(address)
  })
  assert.deepEqual(texts, ['1.2.3.4', '1.2.3.4', '1.2.3.4', 'fe80::1', '2001:db8::1'])
})

test('networks include exactly their addresses', () => {
  const set = createNetworkSet([
    '10.0.0.0/8',
    '192.0.2.128/25',
    '2001:db8::/33',
    '::ffff:203.0.113.0/120',
    '0.0.0.0/32',
  ])
  const inside = ['10.255.0.1', '192.0.2.129', '2001:db8:7fff::1', '203.0.113.200', '0.0.0.0', '::ffff:10.1.1.1']
  const outside = ['11.0.0.1', '192.0.2.127', '2001:db8:8000::1', '203.0.114.1', '0.0.0.1', '::a00:1']
  for (const text of inside) assert.equal(set.includes(parseAddress(text)!), true, text)
  for (const text of outside) assert.equal(set.includes(parseAddress(text)!), false, text)
})

test('broken networks are refused', () => {
  for (const text of [
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '2001:db8::/129',
    'x/8',
    '10.0.0.0/8/8',
    '10.0.0.0/1e1',
  ]) {
    assert.equal(parseCidr(text), null, text)
  }
})

test('what a person writes names a network or a host, not both', () => {
  for (const text of ['10.0.0.0/8', '10.1.2.3', '10.1.2.3/32', '0.0.0.0/0', '2001:db8::/32', '::ffff:10.0.0.0/104']) {
    assert.equal(checkNetwork(text), null, text)
  }
  for (const text of ['10.1.2.3/8', '10.128.0.0/8', '2001:db8::1/64', '::ffff:10.0.0.1/104', '10.0.0.1/31']) {
    assert.match(checkNetwork(text) ?? '', /names a host within a network/, text)
  }
  for (const text of ['fe80::%eth0/10', '10.0.0.0/08', '10/8', '']) {
    assert.match(checkNetwork(text) ?? '', /is not an address or a network/, text)
  }
  assert.match(checkNetwork('10.129.2.3/9') ?? '', /write 10\.128\.0\.0\/9 for the network, 10\.129\.2\.3 for the host/)
})
