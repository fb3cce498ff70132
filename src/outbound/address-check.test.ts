import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkAddress } from './address-check.ts'

test('addresses of the open internet are public', () => {
  for (const address of ['1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '64:ff9b::101:101']) {
    assert.equal(checkAddress(address), 'public', address)
  }
})

test('loopback and private networks are private, however they are written', () => {
  const addresses = [
    '127.0.0.1',
    '127.255.255.254',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '::1',
    '[::1]',
    'fd00::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '0:0:0:0:0:ffff:10.0.0.1',
    '64:ff9b::7f00:1',
  ]
  for (const address of addresses) assert.equal(checkAddress(address), 'private', address)
})

test('link-local, unspecified, multicast and reserved addresses are forbidden in every form', () => {
  const addresses = [
    '0.0.0.0',
    '169.254.169.254',
    '224.0.0.1',
    '255.255.255.255',
    '192.0.2.1',
    '::',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '2002:7f00:1::1',
    '2001:0:4136:e378::1',
    '::7f00:1',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::7f00:1',
    '100::1',
  ]
  for (const address of addresses) assert.equal(checkAddress(address), 'forbidden', address)
})

test('what is no strict address is forbidden', () => {
  for (const text of ['', 'localhost', '127.1', '0177.0.0.1', '2130706433', '0x7f.0.0.1', '1.1.1.1 ', '1.1.1']) {
    assert.equal(checkAddress(text), 'forbidden', text)
  }
})

test('an IPv4 address is judged the same when it is mapped into IPv6', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      assert.equal(checkAddress(`::ffff:${address}`), checkAddress(address))
    }),
  )
})
