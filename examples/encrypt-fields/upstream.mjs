// Keeps what it is sent, shows it on the terminal, and gives it back.
import { createServer } from 'node:http'

const kept = new Map()
createServer(async (request, response) => {
  const chunks = await request.toArray()
  if (request.method === 'PUT') {
    kept.set(request.url, Buffer.concat(chunks))
    console.log(`${request.url} ${Buffer.concat(chunks)}`)
  }
  response.writeHead(kept.has(request.url) ? 200 : 404, { 'content-type': 'application/json' })
  response.end(kept.get(request.url) ?? '{}')
}).listen(3000, '127.0.0.1')
