import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { policies } from '../../src/policies/index.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'
import { type Deploy, deployments } from './deployments.ts'
import { conformanceFile } from './policy-file.ts'
import { proveAgainst, without, withoutAuthentication } from './prove-against.ts'

let upstream: TestUpstreamServer
before(async () => {
  upstream = await startUpstreamServer()
})
after(() => upstream.close())

describe('a policy that is switched off behind its back is found out', () => {
  const off = [
    { name: 'security-headers', key: 'securityHeaders', builtIn: true },
    { name: 'cors', key: 'cors', builtIn: false },
    { name: 'body-limits', key: 'bodyLimits', builtIn: true },
    { name: 'ip-access', key: 'ipAccess', builtIn: false },
    { name: 'rate-limit', key: 'rateLimit', builtIn: false },
    { name: 'rbac', key: 'authorize', builtIn: false },
    { name: 'csrf', key: 'csrf', builtIn: true },
    { name: 'establish-session', key: 'establishSession', builtIn: false },
    { name: 'encrypt-fields', key: 'encryptFields', builtIn: false },
    { name: 'injection', key: 'injection', builtIn: false },
    { name: 'validate', key: 'validate', builtIn: false },
    { name: 'step-up', key: 'stepUp', builtIn: false },
    { name: 'abac', key: 'authorize', builtIn: false },
    { name: 'structure-limits', key: 'structureLimits', builtIn: false },
    { name: 'graphql', key: 'graphql', builtIn: false },
    { name: 'object-rules', key: 'authorize', builtIn: false },
    { name: 'uploads', key: 'uploads', builtIn: false },
    { name: 'mask', key: 'mask', builtIn: false },
    { name: 'answer-types', key: 'answerTypes', builtIn: false },
    { name: 'error-masking', key: 'errorMasking', builtIn: true },
  ]
  for (const policy of off) {
    test(policy.name, async () => {
      const file = conformanceFile(upstream.url)
      const results = await proveAgainst(deployments.gateway as Deploy, without(file, policy), file, [policy.name])
      const found = results.filter(({ verdict }) => verdict === 'fail')
      assert.notEqual(found.length, 0, 'no probe of the policy failed')
    })
  }

  test('authentication', async () => {
    const file = conformanceFile(upstream.url)
    const open = withoutAuthentication(file)
    const credentials = policies.filter(({ kind }) => kind === 'credential').map(({ name }) => name)
    const results = await proveAgainst(deployments.gateway as Deploy, open, file, credentials)
    const found = new Set(results.filter(({ verdict }) => verdict === 'fail').map((result) => result.policy))
    for (const credential of credentials) assert.ok(found.has(credential), credential)
  })
})
