import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { refuse } from '../core/decision.ts'
import { EmbeddedBody } from './embedded-body.ts'

test('a chunk and the end that are refused together refuse once, so that the answer is not cut off', async () => {
  const codes: string[] = []
  const judged = Promise.withResolvers<void>()
  const server = createServer((request, response) => {
    const body = new EmbeddedBody(request, null, ({ code }) => {
      codes.push(code)
      if (codes.length === 1) response.end('refused')
    })
    let seen = 0
    body.inspect(async () => {
      // Both are with the inspector before it decides about either.
      if (++seen === 2) judged.resolve()
      await judged.promise
      return refuse('body_too_large')
    })
    assert.equal(body.release(), null)
    request.resume()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const [response] = await once(send({ port, method: 'POST', agent: false }).end('bytes'), 'response')
  assert.equal(await new Response(response).text(), 'refused')
  await sleep(20)
  assert.deepEqual(codes, ['body_too_large'])
  server.close()
})
