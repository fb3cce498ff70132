// An API on `node:http` that protects itself with portcullis.yaml.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { createNodeGuard } from 'portcullis/node'
import { createOrders } from './orders.ts'

const { PORT = '3000', POLICY_FILE = join(import.meta.dirname, 'portcullis.yaml') } = process.env

const orders = createOrders()
const guard = await createNodeGuard({ config: POLICY_FILE })

// Called only for requests that every policy let pass.
const listener = guard.protect(async (request, response) => {
  const send = (status: number, value: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(value))
  }
  if (request.url === '/health') return send(200, { status: 'ok' })

  // On routes that authenticate there is a caller.
  const owner = request.principal?.id ?? ''
  if (request.method !== 'POST') return send(200, { orders: orders.list(owner) })

  const order = orders.add(owner, await json(request).catch(() => null))
  return order === null ? send(422, { error: 'an order names a product' }) : send(201, order)
})

// Node would answer longer headers itself, in the guard's place and without a line in the log.
const server = createServer({ maxHeaderSize: 64 * 1024 }, listener)
server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`ready http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => server.close(() => guard.close()))
