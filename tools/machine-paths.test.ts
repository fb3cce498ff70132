import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findMachinePaths, foldersOfMachine } from './machine-paths.ts'

const folders = ['/builds/gate', '/builds']
// Written in parts, or this file would be found itself.
const home = (rest: string) => ['', 'home', rest].join('/')

for (const [text, expected] of [
  ["import '/builds/gate/src/a.ts'", ['/builds/gate/src/a.ts']],
  ['see /builds/notes.md', ['/builds/notes.md']],
  [`path: ${home('ann/x.pem')}`, [home('ann/x.pem')]],
  [`${'C:'}\\Users\\ann\\x`, [`${'C:'}\\Users\\ann`]],
  ['/buildsystem/x and /builds-old', []],
  ['https://example.com/builds/gate', []],
  ['../../builds/gate', []],
  ['/tmp/x, /etc/passwd and /usr/bin/node', []],
] as const) {
  test(`machine paths in: ${text}`, () => {
    const found = findMachinePaths(text, folders)
    assert.deepEqual(
      found.map(({ path }) => path),
      expected,
    )
  })
}

test('a path is found with its line', () => {
  assert.deepEqual(findMachinePaths('a\nb\n/builds/x', folders), [{ line: 3, path: '/builds/x' }])
})

test('the tree itself betrays the machine, folders that every machine has do not', () => {
  assert.ok(foldersOfMachine('/tmp/clone/').includes('/tmp/clone'))
  assert.ok(!foldersOfMachine('/tmp/clone/').includes('/tmp'))
})
