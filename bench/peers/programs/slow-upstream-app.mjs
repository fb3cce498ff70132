// An application as attacks meet it: it reads a request's body before it answers, and has something large to give.
import { createServer } from 'node:http'

const answer = Buffer.from(process.env.ANSWER)
const large = Buffer.alloc(16 * 1024 * 1024, 'x')

const server = createServer((request, response) => {
  request.resume().once('end', () => {
    const body = request.url === '/exports/7' ? large : answer
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
    response.end(body)
  })
})
server.requestTimeout = 0
server.listen(0, '127.0.0.1', () => console.log(`ready http://127.0.0.1:${server.address().port}`))
