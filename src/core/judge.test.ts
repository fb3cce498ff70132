import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { byKeys, byMembers, byNames, byPresence, byWeakness, neutral, unjudged } from './judge.ts'

describe('a judge', () => {
  const more = byWeakness<number>((count) => count)

  test('says nothing of what is the same', () => {
    assert.deepEqual(more(1, 1), [])
    assert.deepEqual(byMembers('weakens', 'tightens')(['a', 'b'], ['b', 'a']), [])
    assert.deepEqual(unjudged({ a: 1, b: [2] }, { b: [2], a: 1 }), [])
  })

  test('weighs values', () => {
    assert.deepEqual(more(1, 2), [{ effect: 'weakens', path: [], text: '1 → 2' }])
    assert.equal(more(2, 1)[0]?.effect, 'tightens')
    assert.equal(byWeakness<string>(() => 0)('a', 'b')[0]?.effect, 'changes')
    const bounded = byWeakness<number | undefined>((most) => most ?? Number.POSITIVE_INFINITY)
    assert.deepEqual(bounded(5, undefined), [{ effect: 'weakens', path: [], text: '5 → none' }])
  })

  test('names what differs as the file does', () => {
    const judge = byKeys<{ ms: number; name: string }>({ ms: ['time', more], name: neutral })
    assert.deepEqual(judge({ ms: 1, name: 'a' }, { ms: 2, name: 'b' }), [
      { effect: 'weakens', path: ['time'], text: '1 → 2' },
      { effect: 'changes', path: ['name'], text: 'a → b' },
    ])
  })

  test('knows what comes and goes', () => {
    const one = byPresence<number>({ added: (value) => (value > 1 ? 'weakens' : 'changes'), removed: 'tightens' }, more)
    const effects = [one(null, 1), one(undefined, 2), one(2, null), one(1, 2), one(null, undefined)]
    assert.deepEqual(
      effects.map(([change]) => change?.effect),
      ['changes', 'weakens', 'tightens', 'weakens', undefined],
    )
  })

  test('looks at names of Object.prototype as at all others', () => {
    const judge = byNames<number>({ added: 'weakens', removed: 'tightens' }, more)
    assert.deepEqual(judge(undefined, { constructor: 1 }), [
      { effect: 'weakens', path: ['constructor'], text: 'is new' },
    ])
    assert.deepEqual(judge({ toString: 1 } as Record<string, number>, {}), [
      { effect: 'tightens', path: ['toString'], text: 'is gone' },
    ])
  })

  test('that knows nothing lists every value that differs', () => {
    assert.deepEqual(unjudged({ a: { b: 1, c: 2 } }, { a: { b: 1, c: [3] }, d: /x/ }), [
      { effect: 'unjudged', path: ['a', 'c'], text: '2 → [3]' },
      { effect: 'unjudged', path: ['d'], text: 'none → /x/' },
    ])
  })
})
