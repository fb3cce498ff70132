// What an upload may be: the same files go to the unprotected shop and through portcullis.yaml.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, request as secureRequest } from 'node:https'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { after, before, test } from 'node:test'
import { createPng, samples } from '../../src/policies/uploads/probes/samples.ts'
import { createZip } from '../../src/policies/uploads/probes/zip-sample.ts'
import { type ServedGateway, serveGateway } from '../../test/support/served-gateway.ts'
import { type Shop, startShop } from './shop.ts'

let shop: Shop
let gateway: ServedGateway
let key = ''
before(async () => {
  shop = await startShop()
  const file = readFileSync(join(import.meta.dirname, 'portcullis.yaml'), 'utf8')
  const document = join(import.meta.dirname, 'openapi.yaml')
  const ports = file
    .replace(/openapi: openapi\.yaml/g, `openapi: ${document}`)
    .replace('http://127.0.0.1:3000', shop.url)
    .replace(/port: (8443|8080|9443)/g, 'port: 0')
  gateway = await serveGateway(ports.replace('limit: 10/min, per: principal', 'limit: 1000/min, per: principal'))
  key = await gateway.createKey('customer-1', ['customer'])
})
after(async () => {
  await gateway.stop()
  await shop.close()
})

const agent = new Agent({ rejectUnauthorized: false, keepAlive: false })

async function protectedUpload(type: string, body: Readable, length?: number) {
  const url = gateway.urls.find((one) => one.startsWith('https:')) ?? ''
  const headers = { 'x-api-key': key, 'content-type': type, ...(length !== undefined && { 'content-length': length }) }
  const sent = secureRequest(new URL('/uploads', url.replace('localhost', '127.0.0.1')), {
    method: 'POST',
    agent,
    headers,
  })
  const answered = once(sent, 'response')
  // The connection may end under a body that was refused.
  pipeline(body, sent).catch(() => {})
  const [response] = await answered
  return { status: response.statusCode as number, body: JSON.parse(await text(response)) }
}

const plainUpload = (type: string, bytes: Buffer) =>
  fetch(`${shop.url}/uploads`, { method: 'POST', headers: { 'content-type': type }, body: new Uint8Array(bytes) })

for (const [name, type, bytes] of [
  ['a program', 'image/png', readFileSync(process.execPath).subarray(0, 100_000)],
  ['a page with a script', 'image/png', Buffer.from('<!doctype html><script>alert(document.cookie)</script>')],
  ['a picture that asks for 10 GB of memory', 'image/png', createPng(50_000, 50_000)],
  [
    'a picture with an archive behind it',
    'image/jpeg',
    Buffer.concat([samples['image/jpeg'](), createZip([{ name: 'a', content: 'a' }])]),
  ],
  [
    'a picture with a script for the server in it',
    'image/jpeg',
    Buffer.concat([samples['image/jpeg'](), Buffer.from('<?php system($_GET[0]);')]),
  ],
  [
    'a drawing with a script',
    'image/svg+xml',
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
  ],
] as const) {
  test(`${name}: the shop stores it, Portcullis refuses it`, async () => {
    assert.equal((await plainUpload(type, bytes)).status, 201)
    const { status, body } = await protectedUpload(type, Readable.from([bytes]), bytes.length)
    assert.ok([415, 422].includes(status), JSON.stringify(body))
  })
}

test('honest pictures and videos pass, with their length declared or not', async () => {
  for (const type of ['image/png', 'image/jpeg', 'image/webp', 'video/mp4', 'video/webm'] as const) {
    const bytes = samples[type]()
    for (const length of [bytes.length, undefined]) {
      const { status, body } = await protectedUpload(type, Readable.from([bytes]), length)
      assert.deepEqual([status, body.bytes], [201, bytes.length], type)
    }
  }
})

async function readMemory(): Promise<number> {
  const headers = { authorization: `Bearer ${await gateway.readMetricsToken()}` }
  const metrics = await (await fetch(`${gateway.adminUrl}/metrics`, { headers })).text()
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1])
}

test('a video streams: its size does not matter to the gateway’s memory', async () => {
  const mebibytes = Number(process.env.SHOP_UPLOAD_MIB ?? 256)
  const head = samples['video/mp4']()
  const piece = Buffer.alloc(1024 * 1024, 'a frame of a video, ')
  function* video() {
    yield head
    for (let i = 1; i < mebibytes; i++) yield piece
  }
  const before = await readMemory()
  const length = head.length + (mebibytes - 1) * piece.length
  const { status, body } = await protectedUpload('video/mp4', Readable.from(video()), length)
  assert.deepEqual([status, body.bytes], [201, length])
  const grown = (await readMemory()) - before
  assert.ok(grown < 96 * 1024 * 1024, `the gateway grew by ${grown / 1024 / 1024} MiB`)
})
