import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { goodAnswers, refusedAnswers, spoiledAnswers } from '../../../test/support/upstream-answers.ts'
import type { AnswerFraming } from './dispatch.ts'
import type { ResponseHead } from './response-head.ts'
import { type ExpectedAnswer, ResponseParser, type ResponseSink } from './response-parser.ts'

/** What came out, with the content in one piece, so that runs that got the bytes in other pieces can be compared. */
class Recording implements ResponseSink {
  readonly interims: number[] = []
  status = 0
  headers: string[] = []
  framing: AnswerFraming | null = null
  content = ''
  trailers: string[] | null = null
  end: 'open' | 'reusable' | 'close' | 'switched' | string = 'open'
  rest = ''
  readonly #stopAt: string | null
  parser: ResponseParser | null = null

  constructor(stopAt: string | null = null) {
    this.#stopAt = stopAt
  }

  onInterim(status: number): void {
    this.interims.push(status)
    this.#stop('interim')
  }
  onAnswerHead(head: ResponseHead, framing: AnswerFraming): void {
    this.status = head.status
    this.headers = head.headers
    this.framing = framing
    this.#stop('head')
  }
  onContent(chunk: Buffer): void {
    assert.notEqual(this.status, 0, 'content before a head')
    this.content += chunk.toString('latin1')
    this.#stop('content')
  }
  onComplete(trailers: string[] | null, reusable: boolean): void {
    this.trailers = trailers
    this.#finish(reusable ? 'reusable' : 'close')
  }
  onSwitch(head: ResponseHead, rest: Buffer): void {
    this.status = head.status
    this.headers = head.headers
    this.rest = rest.toString('latin1')
    this.#finish('switched')
  }
  onInvalid(detail: string): void {
    this.#finish(`invalid: ${detail}`)
  }
  #finish(end: string): void {
    assert.equal(this.end, 'open', 'something was reported after the end')
    this.end = end
  }
  #stop(at: string): void {
    assert.equal(this.end, 'open', 'something was reported after the end')
    if (this.#stopAt !== at) return
    this.parser?.stop()
    this.end = 'stopped'
  }
}

const get: ExpectedAnswer = { method: 'GET', upgrade: null }

function parse(pieces: readonly string[], expected = get, stopAt: string | null = null): Recording {
  const recording = new Recording(stopAt)
  const parser = new ResponseParser(recording)
  recording.parser = parser
  parser.expect(expected)
  for (const piece of pieces) {
    if (recording.end !== 'open') {
      // A connection that has these bytes waiting is not used again.
      if (recording.end === 'reusable') recording.end = 'close'
      break
    }
    // Behind the piece stands what an earlier, longer read left, as on a real connection.
    const bytes = Buffer.from(`${piece}HTTP/1.1 200 OK\r\n\r\nleft over\r\n\r\n`, 'latin1')
    parser.push(bytes, piece.length)
  }
  if (recording.end === 'open') parser.pushEnd()
  return recording
}

const head = 'HTTP/1.1 200 OK\r\n'
const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n`

describe('answers that are taken', () => {
  it('reads a length, in lower case, without framing and hop-by-hop fields', () => {
    const answer = parse([
      `${head}Content-Type: a/b\r\nContent-Length: 5\r\nKeep-Alive: timeout=5\r\nConnection: keep-alive\r\nX-Two:\t v \r\n\r\nhello`,
    ])
    assert.equal(answer.status, 200)
    assert.deepEqual(answer.headers, ['content-type', 'a/b', 'x-two', 'v'])
    assert.deepEqual(answer.framing, { length: 5, declaredLength: 5 })
    assert.equal(answer.content, 'hello')
    assert.equal(answer.end, 'reusable')
  })

  it('reads chunks with extensions and trailers, and drops trailers that decide on anything', () => {
    const answer = parse([
      `${head}Transfer-Encoding: Chunked\r\n\r\n5;a=b\r\nhello\r\n1A\r\n${'x'.repeat(26)}\r\n0\r\nX-Sum: 1\r\nHost: a\r\nSet-Cookie: a\r\n\r\n`,
    ])
    assert.equal(answer.content, `hello${'x'.repeat(26)}`)
    assert.deepEqual(answer.framing, { length: null, declaredLength: null })
    assert.deepEqual(answer.trailers, ['x-sum', '1'])
    assert.equal(answer.end, 'reusable')
  })

  it('reads to the end of the connection where no length is given', () => {
    const answer = parse([`${head}\r\nall`, ' of it'])
    assert.equal(answer.content, 'all of it')
    assert.equal(answer.end, 'close')
  })

  it('takes no content after HEAD, 204 and 304, whatever is declared', () => {
    const length = 'Content-Length: 7\r\n\r\n'
    const toHead = parse([head + length], { method: 'HEAD', upgrade: null })
    assert.deepEqual(toHead.framing, { length: 0, declaredLength: 7 })
    // A target that sends the content all the same would have it read as the next answer.
    assert.equal(toHead.end, 'close')
    assert.equal(parse([`${head}\r\n`], { method: 'HEAD', upgrade: null }).end, 'reusable')
    assert.equal(parse(['HTTP/1.1 204 No Content\r\n\r\n']).end, 'reusable')
    assert.equal(parse([`HTTP/1.1 204 No Content\r\n${length}`]).end, 'close')
    assert.equal(parse(['HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n']).end, 'close')
    assert.equal(parse([`HTTP/1.1 304 Not Modified\r\n${length}`]).end, 'reusable')
  })

  it('passes interim answers on except 100, and waits for the final one', () => {
    const answer = parse([
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No\r\n\r\n',
    ])
    assert.deepEqual(answer.interims, [103])
    assert.equal(answer.status, 204)
  })

  it('reuses connections as version and Connection say', () => {
    const ends = (fields: string, version = '1.1') =>
      parse([`HTTP/${version} 200 OK\r\nContent-Length: 0\r\n${fields}\r\n`]).end
    assert.equal(ends(''), 'reusable')
    assert.equal(ends('Connection: close\r\n'), 'close')
    assert.equal(ends('Connection: Keep-Alive, Close\r\n'), 'close')
    assert.equal(ends('', '1.0'), 'close')
    assert.equal(ends('Connection: keep-alive\r\n', '1.0'), 'reusable')
  })

  it('removes fields that Connection names', () => {
    const answer = parse([`${head}X-A: 1\r\nConnection: x-a, X-C\r\nX-B: 2\r\nX-C: 3\r\nContent-Length: 0\r\n\r\n`])
    assert.deepEqual(answer.headers, ['x-b', '2'])
  })

  it('switches protocols where that was asked for, and hands over what came behind', () => {
    const switching =
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Accept: x\r\n\r\nframe'
    const answer = parse([switching], { method: 'GET', upgrade: 'websocket' })
    assert.equal(answer.end, 'switched')
    assert.equal(answer.rest, 'frame')
    assert.deepEqual(answer.headers, ['sec-websocket-accept', 'x'])
    assert.match(parse([switching]).end, /nobody asked for/)
    assert.match(parse([switching], { method: 'GET', upgrade: 'h2c' }).end, /another protocol/)
  })

  it('takes a head of nearly 64 KiB in small pieces', () => {
    const value = 'v'.repeat(65_000)
    const text = `${head}X-Long: ${value}\r\nContent-Length: 2\r\n\r\nok`
    const answer = parse(text.match(/.{1,997}/gs) ?? [])
    assert.deepEqual(answer.headers, ['x-long', value])
    assert.equal(answer.content, 'ok')
  })

  it('keeps the octets of values as they are', () => {
    assert.deepEqual(parse([`${head}X-Name: caf\xe9\r\nContent-Length: 0\r\n\r\n`]).headers, ['x-name', 'caf\xe9'])
  })
})

describe('answers that are refused', () => {
  for (const [name, text] of Object.entries(refusedAnswers)) {
    it(`${name}, in one piece and byte by byte`, () => {
      assert.match(parse([text]).end, /^invalid: /)
      assert.match(parse(text.split('')).end, /^invalid: /)
    })
  }

  it('refuses what cannot become an answer before its head is complete', () => {
    assert.match(parse(['GET / HT']).end, /^invalid: /)
    assert.match(parse(['HTTP/1.1 200 OK\nA']).end, /^invalid: /)
  })

  it('never calls a truncated answer complete', () => {
    for (const text of [`${head}Content-Length: 5\r\n\r\nhell`, `${chunked}5\r\nhello\r\n0\r\n`, head, 'HTTP/1.1 2']) {
      assert.equal(parse([text]).end, 'open')
    }
  })

  it('does not reuse a connection on which more came than was asked for', () => {
    const whole = `${head}Content-Length: 2\r\n\r\nok`
    const answer = parse([`${whole}HTTP/1.1 200 OK\r\n\r\nsmuggled`])
    assert.equal(answer.content, 'ok')
    assert.equal(answer.end, 'close')
    assert.equal(parse([`${chunked}0\r\n\r\nX`]).end, 'close')
    assert.equal(parse(['HTTP/1.1 204 No\r\n\r\nX']).end, 'close')
  })

  it('refuses bytes on a connection that waits for no answer', () => {
    const recording = new Recording()
    const parser = new ResponseParser(recording)
    parser.push(Buffer.from('H'), 1)
    assert.match(recording.end, /nobody asked for/)
  })
})

/** Cuts a text at the given places. */
function cut(text: string, cuts: readonly number[]): string[] {
  const places = [...new Set(cuts.map((place) => place % (text.length + 1)))].sort((a, b) => a - b)
  const pieces: string[] = []
  let from = 0
  for (const place of [...places, text.length]) {
    if (place > from) pieces.push(text.slice(from, place))
    from = place
  }
  return pieces
}

const anyCuts = fc.array(fc.nat(), { maxLength: 12 })
function toComparable({ interims, status, headers, framing, content, trailers, end }: Recording) {
  const kind = end.startsWith('invalid') ? 'invalid' : end
  return { interims, status, headers, framing, content, trailers, end: kind }
}

describe('in whatever pieces the bytes come', () => {
  it('says the same of good answers', () => {
    fc.assert(
      fc.property(fc.constantFrom(...goodAnswers), anyCuts, (text, cuts) => {
        assert.deepEqual(toComparable(parse(cut(text, cuts))), toComparable(parse([text])))
      }),
      { numRuns: 500 },
    )
  })

  it('says the same of spoiled answers, and neither throws nor reports anything after the end', () => {
    fc.assert(
      fc.property(spoiledAnswers, anyCuts, (text, cuts) => {
        assert.deepEqual(toComparable(parse(cut(text, cuts))), toComparable(parse([text])))
      }),
      { numRuns: 2000 },
    )
  })

  it('reports nothing any more once it was stopped', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...goodAnswers),
        anyCuts,
        fc.constantFrom('interim', 'head', 'content'),
        (text, cuts, stopAt) => {
          const { end } = parse(cut(text, cuts), get, stopAt)
          assert.ok(!end.startsWith('invalid'), end)
        },
      ),
      { numRuns: 300 },
    )
  })
})
