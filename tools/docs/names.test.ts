import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { readAllPages } from './all-pages.ts'

const root = join(import.meta.dirname, '../..')
const sources = globSync('src/**/*.ts', { cwd: root }).filter((path) => !path.endsWith('.test.ts'))
const code = sources.map((path) => readFileSync(join(root, path), 'utf8')).join('\n')

/** Codes of refusals, events of the log and metrics: words with underscores, set as code. */
const names = /`([a-z][a-z0-9]*(?:_[a-z0-9]+)+)`/g

describe('the codes, events and metrics that are named in', () => {
  for (const path of [
    'docs/operations.md',
    'docs/troubleshooting.md',
    'docs/embedding.md',
    'docs/getting-started.md',
  ]) {
    const page = readAllPages().find((one) => one.path === path)
    const named = [...new Set([...(page?.text ?? '').matchAll(names)].map(([, name = '']) => name))]
    test(`${path} exist: ${named.length}`, () => {
      assert.deepEqual(
        named.filter((name) => !new RegExp(`['"\`{ ]${name}['"\`:]`).test(code)),
        [],
      )
    })
  }
})
