import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { RecentKeys, type ShownKey } from './recent-keys.ts'

const shown = { asked: 'id', digest: 'digest', fits: null } as unknown as ShownKey

function open(t: TestContext): RecentKeys {
  t.mock.timers.enable({ apis: ['setInterval'] })
  return new RecentKeys()
}

test('a text that nobody sends any more is gone after twenty seconds', (t) => {
  const recent = open(t)
  recent.add('secret', shown)
  t.mock.timers.tick(9_000)
  assert.equal(recent.find('secret'), shown)
  t.mock.timers.tick(21_000)
  assert.equal(recent.find('secret'), undefined)
})

test('one that is sent stays', (t) => {
  const recent = open(t)
  recent.add('secret', shown)
  for (let i = 0; i < 10; i++) {
    t.mock.timers.tick(9_000)
    assert.equal(recent.find('secret'), shown)
  }
})

test('it holds twenty thousand at most', (t) => {
  const recent = open(t)
  for (let i = 0; i < 50_000; i++) recent.add(`secret ${i}`, shown)
  const held = Array.from({ length: 50_000 }, (_, i) => recent.find(`secret ${i}`)).filter((one) => one !== undefined)
  assert.ok(held.length <= 20_000, String(held.length))
})
