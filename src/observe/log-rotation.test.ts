import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { eventually } from '../../test/support/eventually.ts'
import { rotateLog, startLogRotation } from './log-rotation.ts'

const hour = 3_600_000
const now = new Date('2026-11-24T01:43:42.123Z')

function makeFile(t: TestContext, keep: { keepFiles?: number; keepFor?: number } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'rotation-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return { folder, to: { file: join(folder, 'log'), rotateAt: 10, keepFiles: 3, keepFor: 24 * hour, ...keep } }
}

/** The files beside the log that were set aside. */
const others = (folder: string) => readdirSync(folder).filter((name) => name !== 'log')

test('a file that has grown is set aside under the time, and its writers begin anew', async (t) => {
  const { folder, to } = makeFile(t)
  let reopened = 0
  const reopen = () => {
    reopened++
    writeFileSync(to.file, 'new')
  }
  writeFileSync(to.file, 'x'.repeat(9))
  assert.equal(await rotateLog(to, now, reopen), false)
  assert.deepEqual(readdirSync(folder), ['log'])
  writeFileSync(to.file, 'x'.repeat(10))
  assert.equal(await rotateLog(to, now, reopen), true)
  assert.equal(reopened, 1)
  const [aside] = others(folder)
  assert.match(aside ?? '', /^log\.2026-11-24T01-43-42-123Z/)
  assert.equal(readFileSync(join(folder, aside as string), 'utf8'), 'x'.repeat(10))
  assert.equal(readFileSync(to.file, 'utf8'), 'new')
})

test('a file that does not exist is no fault', async (t) => {
  const { to } = makeFile(t)
  assert.equal(await rotateLog(to, now, assert.fail), false)
})

test('the newest files are kept, and none for longer than they may be; others are not touched', async (t) => {
  const { folder, to } = makeFile(t, { keepFiles: 3, keepFor: 2 * hour })
  const names = Array.from({ length: 5 }, (_, i) => `log.2026-11-2${i}T00-00-00-000Z-7`)
  const strangers = ['log.gz', 'log.2026', 'other.2026-11-20T00-00-00-000Z', 'log.backup.2026-11-20T00-00-00-000Z']
  for (const name of [...names, ...strangers]) writeFileSync(join(folder, name), name)
  for (const name of strangers) utimesSync(join(folder, name), 0, 0)
  await rotateLog(to, new Date(), assert.fail)
  assert.deepEqual(others(folder).sort(), [...names.slice(2), ...strangers].sort())
  const [old] = names.slice(2)
  utimesSync(join(folder, old as string), 0, (Date.now() - 3 * hour) / 1000)
  await rotateLog(to, new Date(), assert.fail)
  assert.deepEqual(others(folder).sort(), [...names.slice(3), ...strangers].sort())
})

test('processes that rotate the same file at once set it aside once', async (t) => {
  const { folder, to } = makeFile(t)
  writeFileSync(to.file, 'x'.repeat(10))
  const begin = () => writeFileSync(to.file, 'new')
  const done = await Promise.all(Array.from({ length: 8 }, () => rotateLog(to, now, begin)))
  assert.equal(done.filter((aside) => aside).length, 1)
  assert.equal(others(folder).length, 1)
  assert.equal(readFileSync(to.file, 'utf8'), 'new')
})

test('it is looked at from time to time; a fault is told and the next round comes', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { folder, to } = makeFile(t)
  const errors: unknown[] = []
  let reopened = 0
  const stop = startLogRotation(
    to,
    () => {
      reopened++
    },
    (error) => void errors.push(error),
  )
  writeFileSync(to.file, 'x'.repeat(10))
  t.mock.timers.tick(5_000)
  await eventually('it is set aside', () => reopened === 1 && others(folder).length === 1)
  rmSync(folder, { recursive: true })
  await eventually('the fault is told', () => {
    t.mock.timers.tick(5_000)
    return errors.length > 0
  })
  stop()
})

test('standard output is nothing to rotate', () => {
  const fail = () => assert.fail()
  startLogRotation('stdout', fail, fail)()
})
