// The same on undici's lowest level, a dispatch handler: what can be had from undici by those who know it well.
import { createServer } from 'node:http'
import { Pool } from 'undici'

const pool = new Pool(process.env.UPSTREAM, { connections: 128 })
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

class Answer {
  #response

  constructor(response) {
    this.#response = response
  }

  onRequestStart() {}

  onResponseStart(_controller, status, headers) {
    const kept = []
    for (const name in headers) if (!hopByHop.has(name)) kept.push(name, headers[name])
    this.#response.writeHead(status, kept)
  }

  onResponseData(controller, chunk) {
    if (this.#response.write(chunk)) return
    controller.pause()
    this.#response.once('drain', () => controller.resume())
  }

  onResponseEnd() {
    this.#response.end()
  }

  onResponseError() {
    if (this.#response.headersSent) this.#response.destroy()
    else this.#response.writeHead(502).end()
  }
}

const server = createServer((request, response) => {
  const headers = []
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i].toLowerCase()
    if (!hopByHop.has(name)) headers.push(name, request.rawHeaders[i + 1])
  }
  const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined
  pool.dispatch(
    { method: request.method, path: request.url, headers, body: hasBody ? request : null },
    new Answer(response),
  )
})
server.listen(0, '127.0.0.1', () => console.log(`ready http://127.0.0.1:${server.address().port}`))
