import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { applyPolicy, fakePolicy } from '../../test/support/fake-policy.ts'
import { testRoute, testSnapshot } from '../../test/support/snapshot.ts'
import { next } from '../core/decision.ts'
import type { RespondHook } from '../core/policy.ts'
import { createProvide } from '../core/ports.ts'
import { silentLog, silentMeter } from '../core/telemetry.ts'
import { CredentialWatch } from '../gateway/credential-watch.ts'
import { HeldBytes } from '../gateway/held-bytes.ts'
import { compileSnapshot } from './compile.ts'
import { EmbeddedCarrier } from './embedded-carrier.ts'
import { signProof } from './proof.ts'
import { SharedState } from './shared-state.ts'

/** An application whose answers go through one `respond` hook. */
async function start(
  t: TestContext,
  respond: RespondHook,
  handler: (response: ServerResponse) => void,
  proofKey: Buffer | null = null,
  responseBody: 'stream' | 'buffer' = 'stream',
) {
  const policies = [fakePolicy('responding', () => ({ respond, responseBody }))]
  const environment = {
    policies,
    provide: createProvide([]),
    shared: new SharedState(),
    log: silentLog,
    meter: silentMeter,
    now: Date.now,
    record: () => {},
    httpsPort: () => null,
    proofKey,
  }
  const route = testRoute('/**', { policies: [applyPolicy('responding')], forward: { kind: 'handler' } })
  const snapshot = await compileSnapshot(testSnapshot({ routes: [route] }), environment)
  const credentials = new CredentialWatch()
  const server = createServer((request, response) => {
    const next = () => handler(response)
    new EmbeddedCarrier(request, response, request.url ?? '', snapshot, next, credentials, new HeldBytes()).start()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => {
    credentials.stop()
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const upper: RespondHook = (_exchange, answer) => {
  answer.transform((chunk) => (chunk === null ? Buffer.from('!') : Buffer.from(String(chunk).toUpperCase())))
  answer.transform((chunk) => (chunk === null ? Buffer.from('?') : chunk))
  return next
}

test('transforms rewrite what a handler streams, to its end', async (t) => {
  const url = await start(t, upper, (response) => {
    response.setHeader('content-length', '6')
    response.write('abc')
    response.end('def')
  })
  const response = await fetch(url)
  assert.equal(response.headers.get('content-length'), null)
  assert.equal(await response.text(), 'ABCDEF!?')
})

test('transforms rewrite what a handler ends with', async (t) => {
  const url = await start(t, upper, (response) => void response.end('abc'))
  assert.equal(await (await fetch(url)).text(), 'ABC!?')
  assert.equal(await (await fetch(url, { method: 'HEAD' })).text(), '')
})

test('a transform that throws ends the answer, and the handler does not hear of it', async (t) => {
  const fault: RespondHook = (_exchange, answer) => {
    answer.transform(() => {
      throw new Error('a bug')
    })
    return next
  }
  let threw = false
  const url = await start(t, fault, (response) => {
    try {
      response.write('abc')
      response.end('def')
    } catch {
      threw = true
    }
  })
  await assert.rejects(fetch(url).then((response) => response.text()))
  assert.equal(threw, false)
})

test('fields that a handler set are sent once each, and can be asked for as before', async (t) => {
  let told: unknown[] = []
  const pass: RespondHook = (_exchange, answer) => {
    answer.headers.set('x-policy', '1')
    return next
  }
  const url = await start(t, pass, (response) => {
    response.setHeader('Content-Length', 3)
    response.setHeader('Set-Cookie', ['a=1', 'b=2'])
    response.setHeader('X-Own', 'own')
    response.writeHead(200, { 'x-own': 'other' })
    response.end('abc')
    told = ['content-length', 'set-cookie', 'X-Own', 'x-policy'].map((name) => response.getHeader(name))
  })
  const response = await fetch(url)
  assert.equal(await response.text(), 'abc')
  assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2'])
  assert.deepEqual([response.headers.get('x-own'), response.headers.get('x-policy')], ['other', '1'])
  assert.deepEqual(told, ['3', ['a=1', 'b=2'], 'other', '1'])
})

test('a field that could split the answer does not leave', async (t) => {
  const pass: RespondHook = () => next
  const url = await start(t, pass, (response) => {
    response.setHeader('x-good', 'good')
    response.writeHead(200, { 'x-bad': 'a\r\nx-injected: 1' })
    response.end('abc')
  })
  await assert.rejects(fetch(url))
})

for (const responseBody of ['stream', 'buffer'] as const) {
  test(`what a prober brings is answered as by a handler, and nothing else is believed (${responseBody})`, async (t) => {
    const key = randomBytes(32)
    let calls = 0
    const respond: RespondHook = (_exchange, answer) => {
      answer.headers.set('x-source', answer.source)
      if (answer.body !== null) answer.body = String(answer.body).toUpperCase()
      else answer.transform((chunk) => (chunk === null ? null : Buffer.from(String(chunk).toUpperCase())))
      return next
    }
    const handle = (response: ServerResponse) => {
      calls++
      response.end('handled')
    }
    const url = await start(t, respond, handle, key, responseBody)
    const answer = { status: 404, headers: [['content-type', 'text/plain']], body: 'brought' } as const
    const ask = (proof: string, method = 'GET') => fetch(url, { method, headers: { 'portcullis-proof': proof } })
    const good = signProof(key, 'GET', '/', Date.now(), answer)
    const response = await ask(good)
    assert.deepEqual([response.status, await response.text(), calls], [404, 'BROUGHT', 0])
    for (const [name, value] of [
      ['x-source', 'handler'],
      ['content-type', 'text/plain'],
      ['cache-control', 'no-store'],
      ['portcullis-proof', 'answered'],
    ] as const)
      assert.equal(response.headers.get(name), value)
    assert.equal(await (await ask(signProof(key, 'HEAD', '/', Date.now(), answer), 'HEAD')).text(), '')
    const posted = await fetch(url, {
      method: 'POST',
      body: 'x'.repeat(100_000),
      headers: { 'portcullis-proof': signProof(key, 'POST', '/', Date.now(), answer) },
    })
    assert.deepEqual([await posted.text(), calls], ['BROUGHT', 0])
    const other = Buffer.from(JSON.stringify([200, [], 'other'])).toString('base64url')
    for (const proof of [
      signProof(randomBytes(32), 'GET', '/', Date.now(), answer),
      signProof(key, 'POST', '/', Date.now(), answer),
      signProof(key, 'GET', '/other', Date.now(), answer),
      signProof(key, 'GET', '/', Date.now() - 70_000, answer),
      good.replace(/[^.]+$/, other),
      good.replace(/\.[^.]+$/, ''),
    ]) {
      calls = 0
      const refused = await ask(proof)
      assert.deepEqual([await refused.text(), calls], ['HANDLED', 1], proof)
      assert.equal(refused.headers.get('portcullis-proof'), null)
    }
  })
}
