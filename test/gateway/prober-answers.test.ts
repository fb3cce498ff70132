import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, beforeEach, describe, test } from 'node:test'
import { next } from '../../src/core/decision.ts'
import type { ProbeAnswer } from '../../src/core/probe.ts'
import { signProof } from '../../src/runtime/proof.ts'
import { eventually } from '../support/eventually.ts'
import { applyPolicy, fakePolicy } from '../support/fake-policy.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { testRoute, testSnapshot, testUpstream } from '../support/snapshot.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

const proofKey = randomBytes(32)
const brought: ProbeAnswer = { status: 200, headers: [['content-type', 'text/plain']], body: 'brought' }

/** Changes every answer from behind as policies do: as it streams, or whole. */
const streaming = fakePolicy('streaming', () => ({
  respond: (_exchange, answer) => {
    answer.headers.set('x-source', answer.source)
    answer.transform((chunk) => (chunk === null ? null : Buffer.from(String(chunk).toUpperCase())))
    return next
  },
}))
const buffering = fakePolicy('buffering', () => ({
  responseBody: 'buffer',
  respond: async (_exchange, answer) => {
    answer.headers.set('x-source', answer.source)
    answer.headers.set('cache-control', 'public, max-age=600')
    if (answer.body !== null) answer.body = String(answer.body).toUpperCase()
    return next
  },
}))
const answering = fakePolicy('answering', () => ({
  endpoints: { own: () => ({ kind: 'reply', status: 200, headers: [], body: 'own' }) },
}))

let upstream: TestUpstreamServer
let gateway: TestGateway

before(async () => {
  upstream = await startUpstreamServer()
  gateway = await startTestGateway(
    testSnapshot({
      upstreams: { test: testUpstream([upstream.url]) },
      routes: [
        testRoute('/stream/**', { policies: [applyPolicy('streaming')] }),
        testRoute('/buffer/**', { policies: [applyPolicy('buffering')] }),
        testRoute('/own', {
          policies: [applyPolicy('answering')],
          forward: { kind: 'endpoint', policy: 'answering', endpoint: 'own' },
        }),
      ],
    }),
    { policies: [streaming, buffering, answering], proofKey },
  )
})
after(async () => {
  await gateway.stop()
  await upstream.close()
})
beforeEach(() => {
  upstream.seen.length = 0
  gateway.records.length = 0
})

const ask = (path: string, proof: string, init: RequestInit = {}) =>
  fetch(`${gateway.url}${path}`, { ...init, headers: { 'portcullis-proof': proof } })
const sign = (method: string, path: string, answer = brought, key = proofKey, at = Date.now()) =>
  signProof(key, method, path, at, answer)

for (const path of ['/stream/a', '/buffer/a']) {
  describe(path, () => {
    test('what a prober brings goes through the policies as an answer of the upstream does', async () => {
      for (const init of [{}, { method: 'POST', body: 'x'.repeat(100_000) }]) {
        const response = await ask(path, sign(init.method ?? 'GET', path), init)
        assert.equal(await response.text(), 'BROUGHT')
        assert.equal(response.status, 200)
        assert.equal(response.headers.get('x-source'), 'upstream')
        assert.equal(response.headers.get('content-type'), 'text/plain')
      }
      assert.equal(upstream.seen.length, 0)
    })

    test('nobody may keep it, and the log says whose it is', async () => {
      const response = await ask(path, sign('GET', path))
      assert.equal(response.headers.get('cache-control'), 'no-store')
      assert.equal(response.headers.get('portcullis-proof'), 'answered')
      await response.text()
      await eventually('the exchange ends', () => gateway.records.length === 1)
      assert.equal(gateway.records[0]?.exchange.target, 'portcullis prove')
    })

    test('HEAD, errors and empty bodies', async () => {
      const head = await ask(path, sign('HEAD', path), { method: 'HEAD' })
      assert.deepEqual([head.status, await head.text()], [200, ''])
      const missing = await ask(path, sign('GET', path, { ...brought, status: 404 }))
      assert.deepEqual([missing.status, await missing.text()], [404, 'BROUGHT'])
      const empty = await ask(path, sign('GET', path, { ...brought, body: '' }))
      assert.deepEqual([empty.status, await empty.text()], [200, ''])
      const failed = await ask(path, sign('GET', path, { ...brought, status: 500 }))
      assert.equal(failed.headers.get('content-type'), 'application/problem+json')
      assert.doesNotMatch(await failed.text(), /brought/i)
      assert.equal(upstream.seen.length, 0)
    })

    test('an answer that is not signed for this request is not believed', async () => {
      const good = sign('GET', path)
      const other = Buffer.from(JSON.stringify([200, [], 'other'])).toString('base64url')
      for (const proof of [
        sign('GET', path, brought, randomBytes(32)),
        sign('POST', path),
        sign('GET', `${path}/other`),
        sign('GET', path, brought, proofKey, Date.now() - 70_000),
        good.replace(/[^.]+$/, other),
        good.replace(/\.[^.]+$/, ''),
        `${signProof(proofKey, 'GET', path, Date.now())}.${other}`,
        other,
        JSON.stringify(brought),
      ]) {
        upstream.seen.length = 0
        const response = await ask(path, proof)
        assert.doesNotMatch(await response.text(), /^(brought|other)$/i)
        assert.equal(response.headers.get('portcullis-proof'), null, proof)
        assert.equal(upstream.seen.length, 1, proof)
        assert.ok(!upstream.seen[0]?.rawHeaders.includes('portcullis-proof'), 'the upstream sees the field')
      }
    })
  })
}

test('an endpoint of a policy does not answer with what is brought', async () => {
  const response = await ask('/own', sign('GET', '/own'))
  assert.deepEqual([response.status, response.headers.get('portcullis-proof')], [204, 'forwarded'])
})
