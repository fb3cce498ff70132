// Plays the issuer: it knows two opaque tokens, answers what they are (RFC 7662), and forgets one with DELETE /tokens/NAME.
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'

const secret = process.env.INTROSPECTION_SECRET ?? ''
if (secret === '') throw new Error('set INTROSPECTION_SECRET to what the gateway proves itself with')
const expected = `Basic ${Buffer.from(`gateway:${secret}`).toString('base64')}`
const port = Number(process.env.PORT ?? 4444)
const tokens = new Map<string, object>([
  ['opaque-alice', { sub: 'alice', scope: 'orders:read' }],
  ['opaque-batch', { client_id: 'batch', scope: 'orders:read' }],
])

const server = createServer(async (request, response) => {
  const { method, url = '' } = request
  const body = await text(request)
  if (method === 'DELETE' && tokens.delete(url.replace('/tokens/', ''))) response.writeHead(204).end()
  else if (method !== 'POST' || url !== '/introspect') response.writeHead(404).end()
  // Whoever may ask learns which guesses are tokens.
  else if (request.headers.authorization !== expected) response.writeHead(401).end()
  else response.writeHead(200, { 'content-type': 'application/json' }).end(describe(new URLSearchParams(body)))
})
server.listen(port, '127.0.0.1', () => console.log(`the issuer answers on http://127.0.0.1:${port}`))

function describe(question: URLSearchParams): string {
  const claims = tokens.get(question.get('token') ?? '')
  return JSON.stringify(claims === undefined ? { active: false } : { active: true, aud: 'shop', ...claims })
}
