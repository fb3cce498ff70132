import { MultipartScanner } from '../../input/multipart-scanner.ts'

/** The body with other file names where they differ; null where none does. It was judged before. */
export function rewriteNames(body: Uint8Array, boundary: string, rename: (name: string) => string): Buffer | null {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const pieces: Buffer[] = []
  let at = 0
  for (const event of new MultipartScanner(boundary).write(bytes)) {
    if (event.kind !== 'part' || event.head.fileName === null) continue
    const { name, fileName, type } = event.head
    const renamed = rename(fileName)
    if (renamed === fileName) continue
    const disposition = `Content-Disposition: form-data; name="${quote(name)}"; filename="${quote(renamed)}"`
    pieces.push(bytes.subarray(at, event.at), Buffer.from(`${disposition}\r\nContent-Type: ${type}\r\n\r\n`))
    at = event.end
  }
  return pieces.length === 0 ? null : Buffer.concat([...pieces, bytes.subarray(at)])
}

function quote(text: string): string {
  return text.replace(/["\\]/g, '\\$&')
}
