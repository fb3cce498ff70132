import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { policies } from '../../src/policies/index.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'
import { type Deploy, deployments } from './deployments.ts'
import { conformanceFile } from './policy-file.ts'
import { failuresOf, proveAgainst } from './prove-against.ts'

/** Every policy in one kind of deployment; a file for each, because each takes a minute. */
export function conform(name: string): void {
  let upstream: TestUpstreamServer
  before(async () => {
    upstream = await startUpstreamServer()
  })
  after(() => upstream.close())

  describe(name, () => {
    // Some 800 requests, one after the other.
    test('every policy refuses its attacks and lets its honest requests pass', { timeout: 180_000 }, async () => {
      const file = conformanceFile(upstream.url)
      const results = await proveAgainst(deployments[name] as Deploy, file, file)
      assert.deepEqual(failuresOf(results), [])
      const proven = new Set(results.filter(({ verdict }) => verdict === 'pass').map(({ policy }) => policy))
      assert.deepEqual(
        policies.map((policy) => policy.name).filter((policy) => !proven.has(policy)),
        [],
        'policies of which no probe passed',
      )
      assert.equal(upstream.seen.length, 0, 'a probe reached the upstream')
    })
  })
}
