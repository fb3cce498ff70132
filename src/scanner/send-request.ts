import { request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { FieldPairs } from '../core/decision.ts'

/** Where the deployment answers. */
export interface Origin {
  readonly url: URL
  /** PEM authorities to verify it by; null: the platform's. */
  readonly ca: string | null
  /** What is shown during the handshake, PEM. */
  readonly clientCertificate?: { readonly cert: string; readonly key: string } | undefined
}

export interface RequestToSend {
  readonly method: string
  /** Path and query, sent as they are. */
  readonly target: string
  readonly headers: FieldPairs
  readonly body: Uint8Array | null
  /** The local address to send from; null leaves it to the system. */
  readonly from: string | null
}

/** An answer, or how the connection ended without one. */
export type Received =
  | { readonly kind: 'answer'; readonly status: number; readonly headers: readonly string[]; readonly body: string }
  | { readonly kind: 'closed'; readonly reason: string }

const timeoutMs = 10_000
const maxBodyBytes = 64 * 1024

/** Sends one request on a connection of its own, so that nothing of it can leak into the next. */
export function sendRequest(origin: Origin, { method, target, headers, body, from }: RequestToSend): Promise<Received> {
  return new Promise((resolve) => {
    const flat = headers.flat() as string[]
    if (!headers.some(([name]) => name.toLowerCase() === 'host')) flat.push('host', origin.url.host)
    const framed = headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name))
    // RFC 9110 section 8.6: these say that they have none; Node would send an empty body of unknown length.
    const saysLength = body !== null || /^(POST|PUT|PATCH)$/.test(method)
    if (saysLength && !framed) flat.push('content-length', String(body?.length ?? 0))
    const options = {
      host: hostOf(origin.url),
      port: origin.url.port,
      method,
      path: target,
      headers: flat,
      agent: false,
      ...(from !== null && { localAddress: from }),
      timeout: timeoutMs,
      insecureHTTPParser: false,
    }
    try {
      const request =
        origin.url.protocol === 'https:' ? requestTls({ ...options, ...tlsOptions(origin) }) : requestPlain(options)
      request.on('response', (response) => {
        const chunks: Buffer[] = []
        let bytes = 0
        const finish = () =>
          resolve({
            kind: 'answer',
            status: response.statusCode ?? 0,
            headers: response.rawHeaders,
            body: Buffer.concat(chunks).toString(),
          })
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes <= maxBodyBytes) chunks.push(chunk)
          else response.destroy()
        })
        response.on('close', finish)
      })
      request.on('timeout', () => request.destroy(new Error('no answer in time')))
      request.on('error', (error) => resolve({ kind: 'closed', reason: error.message }))
      request.end(body ?? undefined)
    } catch (error) {
      // Node refuses to send some attacks; they are then written by hand.
      resolve({ kind: 'closed', reason: (error as Error).message })
    }
  })
}

/** Writes bytes as they are and reads the first answer. */
export function sendRaw(origin: Origin, bytes: string, from: string | null): Promise<Received> {
  return new Promise((resolve) => {
    const where = {
      host: hostOf(origin.url),
      port: Number(origin.url.port || (isTls(origin) ? 443 : 80)),
      ...(from !== null && { localAddress: from }),
    }
    const socket = isTls(origin)
      ? connectTls({ ...where, ...tlsOptions(origin), ALPNProtocols: ['http/1.1'] })
      : connectPlain(where)
    let text = ''
    const finish = (reason: string) => {
      socket.destroy()
      resolve(parseAnswer(text) ?? { kind: 'closed', reason })
    }
    socket.setTimeout(timeoutMs, () => finish('no answer in time'))
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      const answer = parseAnswer(text)
      if (text.length > maxBodyBytes || (answer !== null && isComplete(text))) finish('answered')
    })
    socket.on('error', (error) => finish(error.message))
    socket.on('close', () => finish('the connection was closed'))
    socket.write(bytes, 'latin1')
  })
}

function isTls({ url }: Origin): boolean {
  return url.protocol === 'https:'
}

function tlsOptions({ url, ca, clientCertificate }: Origin) {
  const host = hostOf(url)
  const named = !/^[\d.]+$|:/.test(host)
  return { ...(ca !== null && { ca }), ...clientCertificate, ...(named && { servername: host }) }
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '')
}

function parseAnswer(text: string): Extract<Received, { kind: 'answer' }> | null {
  const end = text.indexOf('\r\n\r\n')
  const match = /^HTTP\/1\.[01] (\d{3})/.exec(text)
  if (end === -1 || match === null) return null
  const headers = text
    .slice(0, end)
    .split('\r\n')
    .slice(1)
    .flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()])
  return { kind: 'answer', status: Number(match[1]), headers, body: text.slice(end + 4) }
}

function isComplete(text: string): boolean {
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text)?.[1]
  const end = text.indexOf('\r\n\r\n')
  return length !== undefined && end !== -1 && text.length >= end + 4 + Number(length)
}
