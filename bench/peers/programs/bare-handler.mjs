// The least that node:http can do: one answer from memory.
import { createServer } from 'node:http'

const answer = Buffer.from(process.env.ANSWER)

const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length })
  response.end(answer)
})
server.listen(0, '127.0.0.1', () => console.log(`ready http://127.0.0.1:${server.address().port}`))
