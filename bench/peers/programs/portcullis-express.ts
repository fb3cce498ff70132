// The application of express-stack.mjs, with Portcullis in the place of its five packages.
import type { AddressInfo } from 'node:net'
import express from 'express'
import { createExpressGuard } from '../../../src/adapters/express.ts'

const order = JSON.parse(process.env.ANSWER as string)
const guard = await createExpressGuard({ config: process.env.POLICY_FILE as string })

const app = express()
app.use(guard.middleware)
app.get('/orders/:id', (_request, response) => {
  response.json(order)
})

const server = app.listen(0, '127.0.0.1', () => {
  console.log(`ready http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
