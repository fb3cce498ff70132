// A proxy as it is usually written on node:http and undici: pooled, streamed both ways, hop-by-hop fields removed.
// `stream` is the fastest of undici's documented calls for this; `request` with a piped body is slower.
import { createServer } from 'node:http'
import { Pool } from 'undici'

const pool = new Pool(process.env.UPSTREAM, { connections: 128 })

const server = createServer((request, response) => {
  const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined
  const options = {
    method: request.method,
    path: request.url,
    headers: withoutHopByHop(request.headers),
    body: hasBody ? request : null,
  }
  pool
    .stream(options, ({ statusCode, headers }) => {
      response.writeHead(statusCode, withoutHopByHop(headers))
      return response
    })
    .catch(() => {
      if (response.headersSent) response.destroy()
      else response.writeHead(502).end()
    })
})
server.listen(0, '127.0.0.1', () => console.log(`ready http://127.0.0.1:${server.address().port}`))

function withoutHopByHop(headers) {
  const {
    connection: _connection,
    'keep-alive': _keepAlive,
    'proxy-connection': _proxyConnection,
    'transfer-encoding': _transferEncoding,
    te: _te,
    trailer: _trailer,
    upgrade: _upgrade,
    ...others
  } = headers
  return others
}
