import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, METHODS, type Server, type ServerResponse } from 'node:http'
import { Duplex } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { goodRequests, refusedRequests, spoiledRequests } from '../../../test/support/client-requests.ts'
import { OurReading, type Reading } from '../../../test/support/request-reading.ts'

const requests = new Map<object, Reading[]>()
let server: Server

before(() => {
  server = createServer({
    maxHeaderSize: 64 * 1024,
    requireHostHeader: false,
    insecureHTTPParser: false,
    shouldUpgradeCallback: () => false,
  })
  server.maxHeadersCount = 0
  const take = (request: IncomingMessage, response: ServerResponse) => {
    let body = ''
    request.setEncoding('latin1')
    request.on('data', (part: string) => {
      body += part
    })
    request.on('error', () => {})
    request.on('end', () => {
      const fields = request.rawHeaders.map((text, i) => (i % 2 === 0 ? text.toLowerCase() : text))
      requests.get(request.socket)?.push({
        method: request.method as string,
        target: request.url as string,
        version: request.httpVersion,
        fields,
        body,
      })
      response.end()
    })
  }
  server.on('request', take)
  server.on('checkContinue', take)
  server.on('checkExpectation', take)
  server.on('clientError', (_error, socket) => socket.destroy())
})
after(() => server.close())

/** The requests that Node's own server (llhttp) makes of the bytes, and whether it saw nothing wrong with them. */
async function readWithNode(text: string): Promise<Reading[]> {
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
  const seen: Reading[] = []
  requests.set(socket, seen)
  socket.on('error', () => {})
  const closed = new Promise((resolve) => socket.on('close', resolve))
  server.emit('connection', socket)
  socket.push(Buffer.from(text, 'latin1'))
  // Requests that wait for the answers before them are cut off by an end that comes too early.
  for (let i = 0; i < 12 && !socket.destroyed; i++) await turn()
  socket.push(null)
  setImmediate(() => socket.destroy())
  await closed
  requests.delete(socket)
  return seen
}

/** What ours makes of them, up to where one of the documented exceptions begins, and how many of them it took. */
function readWithOurs(text: string): { requests: readonly Reading[]; taken: number } {
  let taken = 0
  let ended = 0
  let requests: Reading[] = []
  const reading = new OurReading(undefined, ({ method, fields, version }) => {
    // llhttp has a list of methods. Ours takes any token, and what no route names is answered with 501. CONNECT is
    // refused and ends the connection.
    const isException = !METHODS.includes(method) || method === 'CONNECT'
    if (!isException) {
      requests = [...reading.requests]
      ended = taken
    }
    if (isException || endsConnection(fields, version)) reading.parser.stop()
  })
  for (const octet of text) {
    taken += 1
    reading.push(octet)
  }
  return { requests, taken: ended }
}

function endsConnection(fields: readonly string[], version: string): boolean {
  const options = fields.filter((_, i) => i % 2 === 1 && fields[i - 1] === 'connection').join(',')
  const named = options.split(',').map((option) => option.trim().toLowerCase())
  return named.includes('close') || (version === '1.0' && !named.includes('keep-alive'))
}

/** Each request that ours takes, llhttp has to read as the same one: stricter is fine, looser is not. */
async function compare(text: string): Promise<number> {
  const { requests: ours, taken } = readWithOurs(text)
  // Node forgets a request that came whole where what is behind it is none.
  const theirs = await readWithNode(text.slice(0, taken))
  assert.deepEqual(theirs, ours, JSON.stringify(text))
  return ours.length
}

describe('beside llhttp', () => {
  it('reads good requests as it does', async () => {
    for (const text of goodRequests) assert.ok((await compare(text)) > 0, text)
    assert.ok((await compare(goodRequests.slice(0, 3).join(''))) === 3)
  })

  it('takes nothing that it refuses or reads otherwise', async () => {
    for (const [text] of Object.values(refusedRequests)) await compare(text)
    let taken = 0
    await fc.assert(
      fc.asyncProperty(spoiledRequests, async (text) => {
        taken += await compare(text)
      }),
      { numRuns: 3000 },
    )
    assert.ok(taken > 500, `only ${taken} spoiled requests were still requests`)
  })
})
