import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseMultipart } from './multipart.ts'
import { MultipartScanner } from './multipart-scanner.ts'

interface Seen {
  readonly name: string
  readonly fileName: string | null
  bytes: number
}

/** What the scanner makes of a body that comes in chunks; null where it is none. */
function scan(body: Buffer, size: number): Seen[] | null {
  const seen: Seen[] = []
  const scanner = new MultipartScanner<never>('b', {
    onPart({ name, fileName }) {
      seen.push({ name, fileName, bytes: 0 })
      return null
    },
    onContent(_, bytes) {
      const last = seen.at(-1)
      if (last !== undefined) last.bytes += bytes
      return null
    },
  })
  for (let i = 0; i < body.length; i += size) scanner.write(body.subarray(i, i + size))
  return scanner.finish() === null ? seen : null
}

const field = 'Content-Disposition: form-data; name="f"'
const pieces = fc.constantFrom(
  '--b',
  '\r\n--b',
  '\n--b',
  '\r--b',
  '\r\n',
  '\r\n\r\n',
  '--',
  '\n',
  '\r',
  'x',
  '-',
  field,
  `${field}; filename="g"`,
  `--b\r\n${field}\r\n\r\nx\r\n`,
  `\r\n--b\r\n${field}\r\n\r\n`,
  '--b--',
  '\r\n--b--\r\n',
)

test('in chunks, a body is what it is as a whole', () => {
  const bodies = fc.oneof(
    fc.array(pieces, { maxLength: 8 }).map((all) => all.join('')),
    fc.array(pieces, { maxLength: 6 }).map((all) => `--b\r\n${field}\r\n\r\n${all.join('')}\r\n--b--\r\n`),
  )
  fc.assert(
    fc.property(bodies, fc.integer({ min: 1, max: 9 }), (text, size) => {
      const body = Buffer.from(text)
      const whole = parseMultipart(body, 'b')
      const expected = whole.ok
        ? whole.parts.map(({ name, fileName, bytes }) => ({ name, fileName, bytes: bytes.length }))
        : null
      assert.deepEqual(scan(body, size), expected)
      assert.deepEqual(scan(body, body.length + 1), expected)
    }),
    { numRuns: 5000 },
  )
})

test('a long part is counted and not held', () => {
  const body = Buffer.from(`--b\r\n${field}\r\n\r\n${'\r\n--'.repeat(100_000)}\r\n--b--`)
  assert.deepEqual(scan(body, 1000), [{ name: 'f', fileName: null, bytes: 400_000 }])
})
