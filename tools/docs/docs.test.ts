import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { createProblemTable } from '../../src/core/problem.ts'
import { policies } from '../../src/policies/index.ts'
import { fillIn } from './markers.ts'
import { renderPages } from './pages.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

describe('a page with a generated part', () => {
  for (const { path, before, after } of renderPages()) {
    test(`${path} is up to date`, () =>
      assert.ok(before === after, 'run: node --conditions=source tools/generate-docs.ts'))
  }

  test('that lost its place is refused', () => {
    assert.throws(() => fillIn('# Title\n', 'options', 'x'), /no <!-- options -->/)
    assert.equal(fillIn('a\n<!-- o -->\nold\n<!-- /o -->\nb\n', 'o', 'new'), 'a\n<!-- o -->\nnew\n<!-- /o -->\nb\n')
  })
})

describe('problem codes', () => {
  const table = createProblemTable(policies)
  const sources = globSync('src/**/*.ts', { cwd: root }).filter((path) => !path.endsWith('.test.ts'))

  test('are documented, and what is documented exists', () => {
    const documented = [...read('docs/errors.md').matchAll(/^\| `([a-z0-9_]+)` \|/gm)].map(([, code]) => code)
    assert.deepEqual(documented.toSorted(), [...table.keys()].toSorted())
  })

  test('that something refuses with are declared', () => {
    const used = sources.flatMap((path) =>
      [...read(path).matchAll(/\brefuse\(\s*'([^']*)'/g)].map(([, code = '']) => `${path}: ${code}`),
    )
    assert.ok(used.length > 50, 'the pattern must find refusals')
    assert.deepEqual(
      used.filter((text) => !table.has(text.split(': ')[1] ?? '')),
      [],
    )
  })

  test('that are declared are used', () => {
    const text = sources.map(read).join('\n')
    const unused = [...table.keys()].filter((code) => (text.match(new RegExp(`\\b${code}\\b`, 'g')) ?? []).length < 2)
    assert.deepEqual(unused, [])
  })
})
