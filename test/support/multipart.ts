/** A part of a form as a test sends it. Without `fileName` it is a plain field. */
export interface TestPart {
  readonly name: string
  readonly fileName?: string
  readonly type?: string
  readonly bytes: Uint8Array | string
}

const boundary = 'test-boundary'

/** A multipart body with the field that declares it. */
export function toMultipart(parts: readonly TestPart[]): { headers: { 'content-type': string }; body: Buffer } {
  const written = parts.flatMap(({ name, fileName, type, bytes }) => [
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"`),
    Buffer.from(fileName === undefined ? '' : `; filename="${fileName}"`),
    Buffer.from(type === undefined ? '\r\n\r\n' : `\r\nContent-Type: ${type}\r\n\r\n`),
    Buffer.from(bytes),
    Buffer.from('\r\n'),
  ])
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([...written, Buffer.from(`--${boundary}--\r\n`)]),
  }
}
