// The bare handler behind Portcullis.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createNodeGuard } from '../../../src/adapters/node.ts'

const answer = Buffer.from(process.env.ANSWER as string)
const guard = await createNodeGuard({ config: process.env.POLICY_FILE as string })

const server = createServer(
  guard.protect((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length })
    response.end(answer)
  }),
)
server.listen(0, '127.0.0.1', () => {
  console.log(`ready http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
