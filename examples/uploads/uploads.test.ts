import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createPng, samples } from '../../src/policies/uploads/probes/samples.ts'
import { createZip } from '../../src/policies/uploads/probes/zip-sample.ts'
import { findFreePort } from '../../test/support/free-port.ts'
import { toMultipart } from '../../test/support/multipart.ts'
import { type ServedGateway, serveGateway } from '../../test/support/served-gateway.ts'

const here = import.meta.dirname
const port = await findFreePort()
const upstream = spawn(process.execPath, [join(here, 'upstream.mjs')], {
  env: { ...process.env, PORT: `${port}` },
  stdio: 'ignore',
})
let gateway: ServedGateway
before(async () => {
  const file = readFileSync(join(here, 'portcullis.yaml'), 'utf8')
  gateway = await serveGateway(file.replace('127.0.0.1:3000', `127.0.0.1:${port}`).replace('port: 8080', 'port: 0'))
})
after(async () => {
  upstream.kill('SIGKILL')
  await gateway.stop()
})

const url = () => (gateway.urls[0] ?? '').replace('localhost', '127.0.0.1')
const avatar = { name: 'avatar', fileName: 'me.png', type: 'image/png', bytes: createPng(64, 64) }
const papers = { name: 'papers', fileName: 'cv.pdf', type: 'application/pdf', bytes: samples['application/pdf']() }

async function send(...parts: Parameters<typeof toMultipart>[0]): Promise<number> {
  const { headers, body } = toMultipart(parts)
  return (await fetch(`${url()}/profile`, { method: 'POST', headers, body: new Uint8Array(body) })).status
}

test('what README.md shows', async () => {
  await sleep(100)
  assert.equal(await send(avatar, papers), 200)
  assert.equal(await send({ ...avatar, bytes: readFileSync(process.execPath).subarray(0, 50_000) }), 415)
  assert.equal(await send({ ...avatar, fileName: '../../me.png' }), 422)
  assert.equal(await send({ ...avatar, fileName: 'shell.php.png' }), 422)
  assert.equal(await send({ ...avatar, name: 'other' }), 422)
  assert.equal(
    await send({ ...avatar, bytes: Buffer.concat([avatar.bytes, createZip([{ name: 'a', content: 'a' }])]) }),
    415,
  )
  const bomb = createZip([{ name: 'zeros', content: Buffer.alloc(9_000_000), deflated: true }])
  assert.equal(await send({ ...papers, fileName: 'bomb.zip', type: 'application/zip', bytes: bomb }), 422)
  const put = async (bytes: Buffer) =>
    (
      await fetch(`${url()}/videos/1`, {
        method: 'PUT',
        headers: { 'content-type': 'video/mp4' },
        body: new Uint8Array(bytes),
      })
    ).status
  assert.equal(await put(samples['video/mp4']()), 200)
  assert.equal(await put(readFileSync(process.execPath).subarray(0, 50_000)), 415)
})
