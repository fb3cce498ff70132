// Says what it got; a real upstream would store it.
import { createServer } from 'node:http'

createServer(async (request, response) => {
  let bytes = 0
  try {
    for await (const chunk of request) bytes += chunk.length
  } catch {
    console.log(`${request.method} ${request.url}: broke off after ${bytes} bytes; thrown away`)
    return
  }
  console.log(`${request.method} ${request.url}: ${bytes} bytes`)
  response.end(JSON.stringify({ bytes }))
}).listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
