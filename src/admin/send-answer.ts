import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Answer } from '../core/answer.ts'

/** No browser has business here: nothing is cached, framed, embedded or read as another type; CORS is never allowed. */
const securityHeaders = [
  ['cache-control', 'no-store'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['cross-origin-resource-policy', 'same-origin'],
  ['referrer-policy', 'no-referrer'],
  ['x-content-type-options', 'nosniff'],
] as const

/** Sends an answer. The connection ends with problems, and where a body would have to be read that nobody wants. */
export function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  complete(answer)
  if (answer.source === 'problem' || hasBody(request)) answer.headers.set('connection', 'close')
  response.writeHead(answer.status, answer.headers.flat)
  response.end(request.method === 'HEAD' ? null : answer.body)
}

/** An answer as bytes of HTTP/1.1, for a socket whose bytes never became a request. */
export function toBytes(answer: Answer): Buffer {
  complete(answer)
  const { status, headers, body } = answer
  headers.append('date', new Date().toUTCString())
  headers.append('connection', 'close')
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`
  for (let i = 0; i < headers.flat.length; i += 2) head += `${headers.flat[i]}: ${headers.flat[i + 1]}\r\n`
  return Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), Buffer.from(body ?? '')])
}

function complete({ headers, body }: Answer): void {
  for (const [name, value] of securityHeaders) headers.setDefault(name, value)
  headers.set('content-length', String(Buffer.byteLength(body ?? '')))
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}
