import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { defineConfig } from '../src/config/define-config.ts'
import { createGuard } from '../src/runtime/create-guard.ts'
import type { Guard } from '../src/runtime/guard.ts'

/* A handler that acts on a body once it has it whole: it must never get one whole that breaks a rule at its end. */

const folder = mkdtempSync(join(tmpdir(), 'portcullis-structure-'))
let guard: Guard
let acted: string[] = []
const server = createServer((request, response) => {
  const handle = () =>
    text(request).then(
      (body) => {
        acted.push(body)
        response.end('done')
      },
      () => response.end(),
    )
  if (request.url === '/bare') void handle()
  else guard.handle(request, response, handle)
})

before(async () => {
  const config = defineConfig({
    version: 1,
    data: `sqlite:${join(folder, 'portcullis.db')}`,
    log: { level: 'silent' },
    routes: [{ path: '/notes', access: 'public', reason: 'a test', structureLimits: {} }],
  })
  guard = await createGuard({ config })
  await once(server.listen(0, '127.0.0.1'), 'listening')
})

after(async () => {
  server.close()
  server.closeAllConnections()
  await guard.close()
  rmSync(folder, { recursive: true })
})

async function post(path: string, chunks: readonly string[], declared: boolean): Promise<number> {
  acted = []
  const length = Buffer.byteLength(chunks.join(''))
  const request = send({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    path,
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', ...(declared && { 'content-length': length }) },
  })
  // With a declared length, the answer may come before the request is ended.
  const answered = once(request, 'response') as Promise<[IncomingMessage]>
  for (const chunk of chunks) {
    request.write(chunk)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  request.end()
  const [response] = await answered
  await text(response)
  return response.statusCode ?? 0
}

const late = ['{"role":"user",', `"note":"${'x'.repeat(1000)}"`, ',"role":"admin"}']
const cutOff = ['{"role":"user",', '"note":1']

for (const declared of [true, false]) {
  test(`what breaks a rule at its end never arrives whole, ${declared ? 'with a length' : 'in chunks'}`, async () => {
    assert.equal(await post('/bare', late, declared), 200)
    assert.deepEqual(acted, [late.join('')])
    for (const chunks of [late, cutOff]) {
      assert.equal(await post('/notes', chunks, declared), 400)
      assert.deepEqual(acted, [])
    }
    assert.equal(await post('/notes', ['{"role":', '"user"}'], declared), 200)
    assert.deepEqual(acted, ['{"role":"user"}'])
  })
}
