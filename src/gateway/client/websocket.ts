import type { RequestHead } from './request-head.ts'

const key = /^[A-Za-z0-9+/]{22}==$/

/** Whether a request that asks for a WebSocket is a proper handshake (RFC 6455 section 4.2.1). */
export function isHandshake({ method, contentLength, fields }: RequestHead): boolean {
  return (
    method === 'GET' &&
    contentLength === 0 &&
    firstOf(fields, 'sec-websocket-version') === '13' &&
    key.test(firstOf(fields, 'sec-websocket-key'))
  )
}

/** Of the first occurrence: intake refuses a second one. */
function firstOf(fields: readonly string[], name: string): string {
  for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return fields[i + 1] as string
  return ''
}
