import { createHash, type Hash } from 'node:crypto'
import { createServer, request as request1 } from 'node:http'
import { connect, type OutgoingHttpHeaders } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/*
 * A process of its own that is both the client and the upstream of a gateway, so that the gateway's memory can be
 * measured apart from theirs. Bodies are made up on the way and counted at their end.
 */

export interface TransferOrder {
  readonly url: string
  readonly direction: 'up' | 'down'
  readonly bytes: number
  readonly http2: boolean
  /** Whether the length is declared. */
  readonly declared: boolean
}

export interface TransferReport {
  readonly bytes: number
  /** Both ends saw the same bytes. */
  readonly intact: boolean
  readonly ms: number
}

const piece = Buffer.alloc(256 * 1024)
for (let i = 0; i < piece.length; i++) piece[i] = (i * 31) & 0xff

function* make(bytes: number, hash: Hash): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= piece.length) {
    const chunk = left < piece.length ? piece.subarray(0, left) : piece
    hash.update(chunk)
    yield chunk
  }
}

async function measure(stream: AsyncIterable<Uint8Array>): Promise<{ bytes: number; sum: string }> {
  const hash = createHash('md5')
  let bytes = 0
  for await (const chunk of stream) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { bytes, sum: hash.digest('hex') }
}

let sentSum = ''
const upstream = createServer({ requestTimeout: 0 }, (request, response) => {
  const { searchParams } = new URL(request.url ?? '/', 'http://x')
  const bytes = Number(searchParams.get('bytes'))
  if (request.method === 'POST') {
    measure(request).then((seen) => response.end(JSON.stringify(seen)))
    return
  }
  const hash = createHash('md5')
  if (searchParams.get('declared') === 'true') response.setHeader('content-length', bytes)
  pipeline(Readable.from(make(bytes, hash)), response).then(
    () => {
      sentSum = hash.digest('hex')
    },
    () => response.destroy(),
  )
})

async function transfer(order: TransferOrder): Promise<TransferReport> {
  const { direction, bytes, declared } = order
  const started = performance.now()
  const hash = createHash('md5')
  const body = direction === 'up' ? Readable.from(make(bytes, hash)) : null
  const fields = { ...(body !== null && declared && { 'content-length': bytes }) }
  const seen = await (order.http2 ? exchange2(order, fields, body) : exchange1(order, fields, body))
  const ms = performance.now() - started
  if (direction === 'down') return { bytes: seen.bytes, intact: seen.sum === sentSum, ms }
  return { bytes: seen.bytes, intact: seen.sum === hash.digest('hex'), ms }
}

const pathOf = ({ bytes, declared }: TransferOrder) => `/?bytes=${bytes}&declared=${declared}`

async function readAnswer(order: TransferOrder, stream: AsyncIterable<Uint8Array>) {
  if (order.direction === 'down') return measure(stream)
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString()) as { bytes: number; sum: string }
}

function exchange1(order: TransferOrder, headers: OutgoingHttpHeaders, body: Readable | null) {
  return new Promise<{ bytes: number; sum: string }>((resolve, reject) => {
    const method = body === null ? 'GET' : 'POST'
    const request = request1(order.url + pathOf(order), { method, headers, agent: false }, (response) => {
      readAnswer(order, response).then(resolve, reject)
    })
    request.on('error', reject)
    send(body, request, reject)
  })
}

function exchange2(order: TransferOrder, headers: OutgoingHttpHeaders, body: Readable | null) {
  return new Promise<{ bytes: number; sum: string }>((resolve, reject) => {
    const session = connect(order.url, { rejectUnauthorized: false, settings: { initialWindowSize: 1024 * 1024 } })
    session.once('connect', () => session.setLocalWindowSize(4 * 1024 * 1024))
    session.on('error', reject)
    const method = body === null ? 'GET' : 'POST'
    const stream = session.request(
      { ':path': pathOf(order), ':method': method, ...headers },
      { endStream: body === null },
    )
    stream.on('error', reject)
    readAnswer(order, stream)
      .then(resolve, reject)
      .finally(() => session.destroy())
    if (body !== null) send(body, stream, reject)
  })
}

function send(body: Readable | null, to: Writable, reject: (error: Error) => void): void {
  if (body === null) to.end()
  else pipeline(body, to).catch(reject)
}

process.on('message', (order: TransferOrder) => {
  transfer(order).then(
    (report) => process.send?.({ report }),
    (error: Error) => process.send?.({ error: String(error.stack) }),
  )
})
process.on('disconnect', () => process.exit())
upstream.listen(0, '127.0.0.1', () => process.send?.({ port: (upstream.address() as AddressInfo).port }))
