import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { goodRequests, refusedRequests, spoiledRequests } from '../../../test/support/client-requests.ts'
import { OurReading, type Reading, readPieces } from '../../../test/support/request-reading.ts'

describe('requests that are taken', () => {
  it('reads a head: names in lower case, values without the blanks around them', () => {
    const { requests } = readPieces(goodRequests.slice(0, 1))
    assert.deepEqual(requests, [
      {
        method: 'GET',
        target: '/a?b=c',
        version: '1.1',
        fields: ['host', 'a', 'accept', '*/*', 'x-empty', '', 'x-blank', '', 'x-two', 'v w'],
        body: '',
      },
    ])
  })

  it('reads bodies by their length and in chunks, and drops trailers', () => {
    assert.equal(readPieces([goodRequests[1] as string]).requests[0]?.body, 'hello world')
    assert.equal(readPieces([goodRequests[2] as string]).requests[0]?.body, 'hello world')
  })

  it('reads one request behind the other', () => {
    const { requests, refusal } = readPieces([goodRequests.join('')])
    assert.equal(refusal, null)
    assert.deepEqual(
      requests.map(({ method, body }) => `${method} ${body}`),
      ['GET ', 'POST hello world', 'PUT hello world', 'HEAD ', 'GET ok', 'OPTIONS ', 'DELETE ', 'GET '],
    )
  })

  it('skips a few empty lines before a request', () => {
    assert.equal(readPieces([`\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n`]).requests.length, 1)
  })

  it('takes methods that it does not know: a route may', () => {
    assert.equal(readPieces(['Purge-All /x HTTP/1.1\r\n\r\n']).requests[0]?.method, 'Purge-All')
  })

  it('takes a head to the last byte of the limit', () => {
    const head = `GET / HTTP/1.1\r\nA: ${'x'.repeat(100)}\r\n\r\n`
    assert.equal(readPieces([head], head.length).requests.length, 1)
    assert.equal(readPieces([head], head.length - 1).refusal?.code, 'header_too_large')
    assert.equal(readPieces([...head], head.length).requests.length, 1)
    assert.equal(readPieces([...head], head.length - 1).refusal?.code, 'header_too_large')
  })
})

describe('what a head says of the connection', () => {
  const read = (version: string, fields: string) => {
    const reading = new OurReading()
    // A body is still to come, so that the head is still at hand.
    reading.push(`GET / HTTP/${version}\r\nContent-Length: 1\r\n${fields}\r\n`)
    return reading.head
  }

  it('keeps it alive by the version and by Connection', () => {
    for (const [version, fields, keepsAlive] of [
      ['1.1', '', true],
      ['1.1', 'Connection: close\r\n', false],
      ['1.1', 'Connection: x, Close\r\n', false],
      ['1.1', 'Connection: keep-alive\r\nConnection: close\r\n', false],
      ['1.0', '', false],
      ['1.0', 'Connection: Keep-Alive\r\n', true],
      ['1.0', 'Connection: keep-alive, close\r\n', false],
    ] as const) {
      assert.equal(read(version, fields)?.keepsAlive, keepsAlive, `${version} ${fields}`)
    }
  })

  it('upgrades to WebSocket only, where both fields say so', () => {
    for (const [version, fields, upgrades] of [
      ['1.1', 'Connection: Upgrade\r\nUpgrade: WebSocket\r\n', true],
      ['1.1', 'Connection: keep-alive, upgrade\r\nUpgrade: websocket\r\n', true],
      ['1.1', 'Upgrade: websocket\r\n', false],
      ['1.1', 'Connection: Upgrade\r\n', false],
      ['1.1', 'Connection: Upgrade\r\nUpgrade: h2c\r\n', false],
      ['1.1', 'Connection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n', false],
      ['1.0', 'Connection: Upgrade\r\nUpgrade: websocket\r\n', false],
    ] as const) {
      assert.equal(read(version, fields)?.upgrades, upgrades, `${version} ${fields}`)
    }
  })
})

describe('bytes that are refused', () => {
  for (const [name, [text, code]] of Object.entries(refusedRequests)) {
    it(name, () => {
      for (const pieces of [[text], text.split('')]) {
        const { requests, refusal } = readPieces(pieces)
        assert.equal(refusal?.code, code, `${refusal?.detail}`)
        assert.deepEqual(requests, [])
      }
    })
  }

  it('says nothing more once it has refused or was stopped', () => {
    const refused = readPieces(['GET\r\n\r\n', goodRequests[0] as string])
    assert.deepEqual(refused.requests, [])
    const stopped = new OurReading()
    stopped.parser.stop()
    stopped.push(goodRequests[0] as string)
    assert.deepEqual(stopped.requests, [])
  })
})

describe('any cut of the bytes', () => {
  const outcome = ({ requests, refusal }: OurReading) => ({ requests, refused: refusal !== null })

  it('reads the same in two pieces, wherever they meet', () => {
    const texts = [...goodRequests, ...Object.values(refusedRequests).map(([text]) => text)]
    for (const text of texts.filter(({ length }) => length < 1000)) {
      const whole = outcome(readPieces([text]))
      for (let at = 1; at < text.length; at++) {
        assert.deepEqual(outcome(readPieces([text.slice(0, at), text.slice(at)])), whole, `${at} ${text}`)
      }
    }
  })

  it('reads spoiled requests the same in any pieces', () => {
    fc.assert(
      fc.property(spoiledRequests, fc.array(fc.nat({ max: 40 }), { maxLength: 20 }), (text, sizes) => {
        const pieces: string[] = []
        let at = 0
        for (const size of sizes) {
          pieces.push(text.slice(at, at + size))
          at += size
        }
        pieces.push(text.slice(at))
        const whole = readPieces([text])
        // What cannot become a request is refused earlier where it comes in pieces.
        const cut = readPieces(pieces)
        assert.deepEqual(cut.requests, whole.requests)
        if (whole.refusal !== null) assert.notEqual(cut.refusal, null)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('requests of any making', () => {
  const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,20}$/)
  const value = fc.stringMatching(/^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]{0,30}[\x21-\x7e\x80-\xff])?)?$/)
  const framing = /^(?:content-length|transfer-encoding)$/i
  const field = fc.tuple(
    token.filter((name) => !framing.test(name)),
    value,
  )
  const body = fc.oneof(
    fc.constant(null),
    fc.string({ unit: 'binary-ascii', maxLength: 200 }).map((content) => ({ content, sizes: null })),
    fc.record({
      content: fc.string({ unit: 'binary-ascii', maxLength: 200 }),
      sizes: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 8 }),
    }),
  )
  const request = fc.record({
    method: token,
    target: fc.stringMatching(/^\/[\x21-\x7e]{0,60}$/),
    fields: fc.array(field, { maxLength: 12 }),
    body,
  })

  it('come out as they were made, in any pieces, however many stand behind each other', () => {
    fc.assert(
      fc.property(
        fc.array(request, { minLength: 1, maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 30 }),
        (made, cuts) => {
          let text = ''
          const expected: Reading[] = []
          for (const { method, target, fields, body: given } of made) {
            const flat = fields.flatMap(([name, text]) => [name.toLowerCase(), text])
            text += `${method} ${target} HTTP/1.1\r\n${fields.map(([name, text]) => `${name}:${text}\r\n`).join('')}`
            if (given === null) text += '\r\n'
            else if (given.sizes === null) {
              flat.push('content-length', String(given.content.length))
              text += `Content-Length: ${given.content.length}\r\n\r\n${given.content}`
            } else {
              flat.push('transfer-encoding', 'chunked')
              text += `Transfer-Encoding: chunked\r\n\r\n${toChunks(given.content, given.sizes)}`
            }
            expected.push({ method, target, version: '1.1', fields: flat, body: given?.content ?? '' })
          }
          const pieces: string[] = []
          let at = 0
          for (const cut of cuts) {
            pieces.push(text.slice(at, at + cut))
            at += cut
          }
          pieces.push(text.slice(at))
          const reading = readPieces(pieces)
          assert.equal(reading.refusal, null, `${reading.refusal?.detail}`)
          assert.deepEqual(reading.requests, expected)
        },
      ),
      { numRuns: 500 },
    )
  })
})

function toChunks(content: string, sizes: readonly number[]): string {
  let text = ''
  let at = 0
  for (const size of [...sizes, content.length]) {
    const chunk = content.slice(at, at + size)
    at += size
    if (chunk !== '') text += `${chunk.length.toString(16)}\r\n${chunk}\r\n`
  }
  return `${text}0\r\n\r\n`
}
