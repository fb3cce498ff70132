import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHostCheck } from './own-host.ts'

const isOwn = createHostCheck(['gateway.internal', '192.0.2.7'])

test('names that were given, and localhost, on any port', () => {
  for (const header of ['localhost', 'localhost:9443', 'Gateway.Internal:80', '192.0.2.7', '192.0.2.7:65535']) {
    assert.ok(isOwn(header, '10.0.0.1'), header)
  }
})

test('the address that the connection came to, in any of its forms', () => {
  assert.ok(isOwn('10.0.0.1:9443', '10.0.0.1'))
  assert.ok(isOwn('10.0.0.1', '::ffff:10.0.0.1'))
  assert.ok(isOwn('[2001:DB8::1]:9443', '2001:db8:0:0::1'))
  assert.ok(isOwn('[::1]', '::1'))
})

test('nothing else', () => {
  const others = [
    undefined,
    '',
    ':9443',
    'evil.example',
    'localhost.evil.example',
    'evil.example:9443',
    'gateway.internal.',
    'gateway.internal@evil.example',
    'gateway.internal:9443:1',
    '10.0.0.2',
    '010.0.0.1',
    '10.0.0.1.',
    '0.0.0.0',
    '127.0.0.1',
    '[::1]',
  ]
  for (const header of others) assert.ok(!isOwn(header, '10.0.0.1'), String(header))
  assert.ok(!isOwn('undefined', undefined))
})
