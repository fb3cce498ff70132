import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startShop } from './shop.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shop-test-'))
})
after(() => rm(folder, { recursive: true }))

test('several shops start at once, two of them on one database file', async () => {
  const databasePath = join(folder, 'nested', 'shop.db')
  const shops = await Promise.all([{}, { databasePath }, { databasePath }, { port: 0 }].map(startShop))
  try {
    assert.equal(new Set(shops.map(({ url }) => url)).size, 4)
    const [, first, second] = shops
    const created = await fetch(`${first!.url}/orders`, {
      method: 'POST',
      body: JSON.stringify({ customerId: 1, productId: 1, quantity: 1 }),
    })
    const { id } = (await created.json()) as { id: number }
    assert.equal(id, 61, 'the file was filled once')
    assert.equal((await fetch(`${second!.url}/orders/${id}`)).status, 200)
  } finally {
    await Promise.all(shops.map((shop) => shop.close()))
  }
})

test('close ends every connection, whatever it is doing, and removes what was uploaded', async () => {
  const temporaryFolder = await mkdtemp(join(folder, 'close-'))
  const shop = await startShop({ temporaryFolder })
  const uploads = join(temporaryFolder, (await readdir(temporaryFolder))[0]!)

  const events = await fetch(`${shop.url}/events`)
  const idle = await send(shop.url, '')
  const upload = await send(shop.url, 'POST /uploads HTTP/1.1\r\nHost: shop\r\nContent-Length: 1000\r\n\r\nhalf of it')
  await waitFor(async () => (await readdir(uploads)).length === 1)

  const endings = Promise.all([events.text(), once(idle, 'close'), once(upload, 'close')])
  await Promise.all([shop.close(), shop.close()])
  await endings
  await assert.rejects(fetch(`${shop.url}/health`))
  assert.deepEqual(await readdir(temporaryFolder), [])
})

test('clients that vanish in the middle leave nothing behind', async () => {
  const temporaryFolder = await mkdtemp(join(folder, 'vanish-'))
  const shop = await startShop({ temporaryFolder })
  const uploads = join(temporaryFolder, (await readdir(temporaryFolder))[0]!)
  try {
    const half = 'Host: shop\r\nContent-Length: 1000\r\n\r\n{"half'
    const sockets = await Promise.all(
      Array.from({ length: 5 }).flatMap(() => [
        send(shop.url, `POST /uploads HTTP/1.1\r\n${half}`),
        send(shop.url, `POST /orders HTTP/1.1\r\n${half}`),
        send(shop.url, 'GET /events HTTP/1.1\r\nHost: shop\r\n\r\n'),
        send(shop.url, 'GET /orders HTTP/1.1\r\nHost: shop\r\n\r\n'),
      ]),
    )
    await waitFor(async () => (await readdir(uploads)).length === 5)
    for (const socket of sockets) socket.resetAndDestroy()
    await waitFor(async () => (await readdir(uploads)).length === 0)

    const order = await fetch(`${shop.url}/orders`, {
      method: 'POST',
      body: JSON.stringify({ customerId: 1, productId: 1, quantity: 1 }),
    })
    assert.equal(order.status, 201)
  } finally {
    await shop.close()
  }
})

test('a port that is taken is an error, and leaves nothing behind', async () => {
  const temporaryFolder = await mkdtemp(join(folder, 'taken-'))
  const shop = await startShop()
  try {
    const port = Number(new URL(shop.url).port)
    await assert.rejects(startShop({ port, temporaryFolder }), { code: 'EADDRINUSE' })
    assert.deepEqual(await readdir(temporaryFolder), [])
  } finally {
    await shop.close()
  }
})

test('a database that cannot be opened is an error, and leaves nothing behind', async () => {
  const temporaryFolder = await mkdtemp(join(folder, 'broken-'))
  await assert.rejects(startShop({ databasePath: folder, temporaryFolder }), { code: 'ERR_SQLITE_ERROR' })
  assert.deepEqual(await readdir(temporaryFolder), [])
})

async function send(url: string, text: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(text)
  return socket
}

async function waitFor(check: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5000
  while (!(await check())) {
    assert.ok(Date.now() < deadline, 'it happens within 5 s')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
