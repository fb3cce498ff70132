// The same API on Express.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import express, { type ErrorRequestHandler, type Request } from 'express'
import { createExpressGuard, type GuardedExpressRequest } from 'portcullis/express'
import { createOrders } from './orders.ts'

const { PORT = '3000', POLICY_FILE = join(import.meta.dirname, 'portcullis.yaml') } = process.env

const orders = createOrders()
const guard = await createExpressGuard({ config: POLICY_FILE })

/** On routes that authenticate there is a caller. */
const ownerOf = (request: Request) => (request as GuardedExpressRequest).principal?.id ?? ''

const app = express()
app.disable('x-powered-by')
app.use(guard.middleware) // before anything that answers or reads a body
app.use(express.json())

app.get('/health', (_request, response) => {
  response.json({ status: 'ok' })
})
app.get('/orders', (request, response) => {
  response.json({ orders: orders.list(ownerOf(request)) })
})
app.post('/orders', (request, response) => {
  const order = orders.add(ownerOf(request), request.body)
  if (order === null) response.status(422).json({ error: 'an order names a product' })
  else response.status(201).json(order)
})

// What is wrong with a request may be said; of what is wrong with the application, the guard sends a problem instead.
const answerError: ErrorRequestHandler = (error, request, response, _next) => {
  const status = error.status ?? 500
  if (status >= 500) console.error((request as GuardedExpressRequest).requestId, error)
  response.status(status).json({ error: error.message })
}
app.use(answerError)

// Node would answer longer headers itself, in the guard's place and without a line in the log.
const server = createServer({ maxHeaderSize: 64 * 1024 }, app)
server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`ready http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => server.close(() => guard.close()))
