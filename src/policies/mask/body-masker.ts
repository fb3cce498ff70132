import type { BodyTransform } from '../../core/body.ts'
import type { BodyStream } from './body-stream.ts'
import { EventStream } from './event-stream.ts'
import { type FieldMasking, JsonStream } from './json-stream.ts'
import { fromBytes, type Masking, maskBytes } from './masking.ts'
import { TextStream } from './text-stream.ts'

/** What a body becomes, chunk by chunk. Throws where it cannot be masked, which ends the answer. */
export function createTransform(
  form: 'json' | 'events' | 'text',
  masking: Masking,
  fields: FieldMasking | null,
): BodyTransform {
  const stream = createStream(form, masking, fields)
  let isFirst = true
  return (chunk) => {
    if (chunk === null) return toChunk(stream.end())
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (isFirst && chunk.length > 0) {
      isFirst = false
      if (isWide(bytes)) throw new Error('an answer is in UTF-16 or UTF-32, which cannot be searched')
    }
    return toChunk(stream.push(bytes.toString('latin1')))
  }
}

function createStream(form: 'json' | 'events' | 'text', masking: Masking, fields: FieldMasking | null): BodyStream {
  switch (form) {
    case 'json':
      return new JsonStream(masking, fields)
    case 'text':
      return new TextStream(masking)
    case 'events':
      return new EventStream(
        (data) =>
          isJson(data, fields !== null) ? maskWhole(new JsonStream(masking, fields), data) : maskBytes(data, masking),
        (line) => maskBytes(line, masking),
      )
  }
}

function maskWhole(stream: BodyStream, text: string): string {
  return stream.push(text) + stream.end()
}

/** Where fields are hidden, what only begins as JSON is taken for it: a lenient reader may find them. */
function isJson(data: string, hidesFields: boolean): boolean {
  if (hidesFields && /^\s*[{[]/.test(data)) return true
  try {
    JSON.parse(fromBytes(data))
    return true
  } catch {
    return false
  }
}

function toChunk(text: string): Uint8Array | null {
  return text === '' ? null : Buffer.from(text, 'latin1')
}

/** The beginning of a text of two or four bytes a character, with or without a byte order mark. */
function isWide(bytes: Buffer): boolean {
  const mark = bytes.length > 1 ? bytes.readUInt16BE(0) : 0
  return mark === 0xfeff || mark === 0xfffe || bytes.subarray(0, 4).includes(0)
}
