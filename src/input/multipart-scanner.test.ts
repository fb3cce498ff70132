import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type MultipartEvent, MultipartScanner } from './multipart-scanner.ts'

/** What a body holds, however it comes; `cuts` are where its chunks end. */
function read(body: Buffer, cuts: readonly number[], boundary = 'b'): string[] {
  const scanner = new MultipartScanner(boundary)
  const told: string[] = []
  let content = ''
  const take = (events: readonly MultipartEvent[]) => {
    for (const event of events) {
      if (event.kind === 'data') content += event.bytes.toString('latin1')
      else if (event.kind === 'part') told.push(`part ${event.head.name} at ${event.at} to ${event.end}`)
      else if (event.kind === 'problem') told.push(event.problem)
      else {
        told.push(content)
        content = ''
      }
    }
  }
  const ends = [...new Set(cuts.map((cut) => cut % (body.length + 1)))].sort((a, b) => a - b)
  let at = 0
  for (const end of [...ends, body.length]) {
    take(scanner.write(body.subarray(at, end)))
    at = end
  }
  take(scanner.end())
  return told
}

const piece = fc.constantFrom(
  ...['--b', '--', '\r\n', '\r', '\n', 'b', 'x', '-', '\r\n--b', '\r\n--b--', '\r\n--b\r\n'],
  ...['Content-Disposition: form-data; name="a"', '\r\n\r\n', 'Content-Type: text/plain', 'X: y'],
)

test('a body is read the same however it is cut into chunks', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(), { maxLength: 8 }), (pieces, cuts) => {
      const free = Buffer.from(pieces.join(''))
      const part = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
      for (const body of [free, Buffer.from(`${part}${pieces.join('')}\r\n--b--\r\n`)]) {
        const whole = read(body, [])
        const cut = read(body, cuts)
        const bytewise = read(
          body,
          Array.from({ length: body.length }, (_, at) => at),
        )
        assert.deepEqual(cut, whole)
        assert.deepEqual(bytewise, whole)
      }
    }),
    { numRuns: 2000 },
  )
})

test('parts are told with where their fields stand', () => {
  const body = Buffer.from(
    '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n--\r\n--b\r\n' +
      'Content-Disposition: form-data; name="f"; filename="x.txt"\r\n\r\n\r\n--b--\r\n',
  )
  assert.deepEqual(read(body, [3, 60, 61]), ['part a at 5 to 49', '\r\n--', 'part f at 60 to 122', ''])
  assert.equal(body.toString('latin1', 5, 49), 'Content-Disposition: form-data; name="a"\r\n\r\n')
})

test('a boundary within the fields of a part, which servers read differently, is a problem', () => {
  const head = 'Content-Disposition: form-data; name="a"'
  for (const body of [
    `--b\r\n${head}\r\n--b: x\r\n\r\ncontent\r\n--b--`,
    `--b\r\n--b: x\r\n${head}\r\n\r\ncontent\r\n--b--`,
    `--b\r\n${head}\r\n\r\n--b--`,
    `--b\r\n\r\n--b--`,
  ]) {
    assert.match(
      read(Buffer.from(body), [7, 20]).join(),
      /no end of its fields|field that is none|ends before/,
      JSON.stringify(body),
    )
  }
})

test('what is kept is bounded, whatever comes', () => {
  const scanner = new MultipartScanner('b')
  scanner.write(Buffer.from('--b\r\n'))
  const [problem] = scanner.write(Buffer.alloc(8192, 'x'))
  assert.deepEqual(problem, { kind: 'problem', problem: 'a part has no end of its fields' })
  assert.deepEqual(scanner.write(Buffer.alloc(8192, 'x')), [])

  const content = new MultipartScanner('b')
  content.write(Buffer.from('--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n'))
  let told = 0
  for (let i = 0; i < 64; i++) {
    for (const event of content.write(Buffer.alloc(65_536, '\r'))) if (event.kind === 'data') told += event.bytes.length
  }
  assert.ok(64 * 65_536 - told < 10, 'more than a boundary is kept')
})

test('a broken boundary is a problem', () => {
  for (const boundary of ['', 'x'.repeat(71), 'ends with ', 'a"b']) {
    assert.deepEqual(read(Buffer.from('--'), [], boundary), ['the boundary is none'])
  }
})
