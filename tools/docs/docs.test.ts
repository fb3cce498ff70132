import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { createProblemTable } from '../../src/core/problem.ts'
import { policies } from '../../src/policies/index.ts'
import { parseInstruments } from './instruments.ts'
import { fillIn } from './markers.ts'
import { renderPages } from './pages.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const sources = globSync('src/**/*.ts', { cwd: root }).filter((path) => !path.endsWith('.test.ts'))
const pages = await renderPages()

describe('a page with a generated part', () => {
  for (const { path, before, after } of pages) {
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

describe('metrics', () => {
  const documented = [...read('docs/metrics.md').matchAll(/^\| `([a-z0-9_]+)` \| (?:counter|gauge|histogram) \|/gm)]
  const names = documented.map(([, name = '']) => name)

  test('that the sources name are documented, and what is documented is named there', () => {
    const used = sources.flatMap((path) =>
      [...read(path).matchAll(/'((?:portcullis|process)_[a-z0-9_]+)'/g)].map(([, name = '']) => name),
    )
    assert.ok(used.length > 40, 'the pattern must find metrics')
    const metrics = new Set(used).difference(new Set(['portcullis_migrations'])) // a table of the store
    // One that is missing on the page is not used by the gateway in instruments.ts, which makes the page.
    assert.deepEqual([...metrics].toSorted(), names.toSorted())
  })

  test('without any series cannot be documented, and say so', () => {
    const exposition = '# HELP a_total What \\\\ a\\nis\n# TYPE a_total counter\na_total{x="1",le="2",y="a,z=\\"3"} 1\n'
    assert.deepEqual(parseInstruments(exposition), [
      { name: 'a_total', type: 'counter', help: 'What \\ a is', labels: ['x', 'y'] },
    ])
    assert.throws(() => parseInstruments('# HELP b B\n# TYPE b gauge\n\n'), /nothing was counted under b/)
  })
})
