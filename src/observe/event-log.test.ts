import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createEventLog } from './event-log.ts'
import { maxLineBytes } from './line-length.ts'
import { redacted } from './secret-patterns.ts'

function startLog(level: 'info' | 'warn' | 'error' | 'silent' = 'info') {
  const lines: string[] = []
  const log = createEventLog({ write: (line) => void lines.push(line) }, level, 'gateway-0')
  const entries = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  return { log, lines, entries }
}

test('an event is a line with its level, time, thread and fields', () => {
  const { log, lines, entries } = startLog()
  log.info('reloaded', { revision: 'a1' })
  log.warn('upstream_circuit', { target: '127.0.0.1:3000', state: 'open' })
  log.error('store_down')
  assert.ok(lines.every((line) => /^[ -~]*\n$/.test(line)))
  const times = entries().map(({ time }) => time as number)
  assert.ok(times.every((time) => Math.abs(time - Date.now()) < 10_000))
  assert.deepEqual(
    entries().map(({ time, ...rest }) => rest),
    [
      { level: 30, event: 'reloaded', thread: 'gateway-0', revision: 'a1' },
      { level: 40, event: 'upstream_circuit', thread: 'gateway-0', target: '127.0.0.1:3000', state: 'open' },
      { level: 50, event: 'store_down', thread: 'gateway-0' },
    ],
  )
})

test('what is less than the level is not written', () => {
  const written = (level: 'info' | 'warn' | 'error' | 'silent') => {
    const { log, entries } = startLog(level)
    for (const method of ['info', 'warn', 'error'] as const) log[method](method)
    return entries().map(({ event }) => event)
  }
  assert.deepEqual(written('info'), ['info', 'warn', 'error'])
  assert.deepEqual(written('warn'), ['warn', 'error'])
  assert.deepEqual(written('error'), ['error'])
  assert.deepEqual(written('silent'), [])
})

test('secrets are cut out; the public id of a key and the state of something are not', () => {
  const { log, entries, lines } = startLog()
  log.info('api_key_minted', { key: 'Fv2dcdmL80fm', state: 'active', code: 'ENOENT', password: 'hunter2' })
  log.error('fault', { error: new Error('GET https://app.example.com/?token=hunter2') })
  const [minted] = entries()
  assert.equal(minted?.key, 'Fv2dcdmL80fm')
  assert.equal(minted?.state, 'active')
  assert.equal(minted?.code, 'ENOENT')
  assert.equal(minted?.password, redacted)
  assert.doesNotMatch(lines.join(''), /hunter2/)
})

test('fields cannot take the place of the line’s own, nor begin another line', () => {
  const { log, lines, entries } = startLog()
  log.info('real', { event: 'forged', time: 0, level: 10, note: 'a\n{"event":"forged"}\u2028\u001b[2J' })
  assert.equal(lines.length, 1)
  assert.equal(entries()[0]?.event, 'real')
  assert.equal(entries()[0]?.level, 30)
  assert.notEqual(entries()[0]?.time, 0)
  for (const name of ['event', 'time', 'level']) {
    assert.equal(lines[0]?.match(new RegExp(`"${name}":`, 'g'))?.length, 1, name)
  }
})

test('a long event is cut to a line that a pipe takes at once, with as much of it as there is room for', () => {
  const { log, lines, entries } = startLog()
  log.error('fault', { error: new Error('e'.repeat(2_000), { cause: new Error('c'.repeat(2_000)) }) })
  log.error('fault', { names: Array.from({ length: 5_000 }, (_, i) => `name-${i}`) })
  for (const line of lines) assert.ok(line.length <= maxLineBytes, `${line.length}`)
  for (const entry of entries()) {
    assert.equal(entry.cut, true)
    assert.equal(entry.event, 'fault')
  }
  assert.match(lines[0] as string, /e{100}.*c{100}/)
  assert.match(lines[1] as string, /name-20/)
})

test('any fields become one valid line, and none is a fault', () => {
  const { log, lines } = startLog()
  const anything = fc.dictionary(fc.string({ unit: 'binary' }), fc.anything({ withDate: true, withMap: true }))
  const large = fc.dictionary(
    fc.string({ unit: 'binary', minLength: 100 }),
    fc.string({ unit: 'binary', minLength: 300 }),
  )
  fc.assert(
    fc.property(fc.oneof(anything, large), (fields) => {
      lines.length = 0
      log.info('any', fields)
      assert.equal(lines.length, 1)
      assert.ok((lines[0] as string).length <= maxLineBytes)
      assert.equal(JSON.parse(lines[0] as string).event, 'any')
    }),
    { numRuns: 200 },
  )
})
