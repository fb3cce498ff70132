import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { compileSnapshot } from '../../src/config/compile-snapshot.ts'
import { formatErrors } from '../../src/config/config-error.ts'
import { readAllPages } from './all-pages.ts'

/** A page shows a whole policy file, some of its top-level keys, or entries of `routes`: the rest is filled in. */
const rest = {
  version: 1,
  listen: { https: { port: 8443, certificate: 'dev' } },
  upstreams: { api: { targets: ['http://127.0.0.1:3000'] } },
  issuers: { main: { issuer: 'https://login.example.com/', audience: 'api' } },
  routes: [{ path: '/an/example', methods: ['GET'], upstream: 'api', authenticate: ['apiKey'] }],
}

function toPolicyFile(example: string): string | object {
  if (/^routes:/m.test(example)) return example
  const value: unknown = parse(example)
  return { ...rest, ...(Array.isArray(value) ? { routes: value } : (value as object)) }
}

describe('the examples of policy files in', () => {
  for (const { path, text } of readAllPages()) {
    const blocks = [...text.matchAll(/^```yaml( embedded)?\n([\s\S]*?)^```$/gm)]
    if (blocks.length === 0) continue
    test(`${path} load: ${blocks.length}`, () => {
      for (const [, embedded, example = ''] of blocks) {
        const result = compileSnapshot(toPolicyFile(example), { embedded: embedded !== undefined })
        assert.ok(result.ok, result.ok ? '' : `${example}\n${formatErrors(result.errors)}`)
      }
    })
  }

  test('every policy’s page stand there', () => {
    const policies = readAllPages().filter(({ path }) => path.startsWith('src/policies/'))
    assert.deepEqual(
      policies.filter(({ text }) => !/^routes:/m.test(text)).map(({ path }) => path),
      [],
    )
  })
})
