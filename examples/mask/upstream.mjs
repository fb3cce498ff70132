// Answers with more than anybody should see.
import { createServer } from 'node:http'

const customer = {
  name: 'Ann',
  birthday: '1990-01-01',
  email: 'ann@example.com',
  card: 4111111111111111,
  notes: 'call +49 170 1234567, the old key was AKIAIOSFODNN7EXAMPLE',
  order: 'ORD-2026-4111111111111112',
}

createServer((request, response) => {
  if (request.url === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const timer = setInterval(() => response.write(`data: ${JSON.stringify(customer)}\n\n`), 1000)
    response.on('close', () => clearInterval(timer))
  } else if (request.url === '/customers/1') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(customer, null, 2))
  } else if (request.url === '/customers/2') {
    response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>No customer ann@example.com</h1>')
  } else {
    response.writeHead(400, { 'content-type': 'text/plain' }).end(new Error('no such customer').stack)
  }
}).listen(3000, '127.0.0.1')
