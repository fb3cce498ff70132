import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
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
      `${head}Transfer-Encoding: Chunked\r\n\r\n5;a=b\r\nhello\r\n1A\r\n${'x'.repeat(26)}\r\n0\r\nX-Sum: 1\r\nContent-Length: 4\r\nSet-Cookie: a\r\n\r\n`,
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

const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n`

const refused: Readonly<Record<string, string>> = {
  'HTTP/0.9': '<html>hello</html>\r\n\r\n',
  'HTTP/2.0': 'HTTP/2.0 200 OK\r\n\r\n',
  'HTTP/1.2': 'HTTP/1.2 200 OK\r\n\r\n',
  'another protocol': 'SSH-2.0-OpenSSH_9.2\r\n\r\n',
  'a blank line first': '\r\nHTTP/1.1 200 OK\r\n\r\n',
  'status 099': 'HTTP/1.1 099 No\r\n\r\n',
  'status 600': 'HTTP/1.1 600 No\r\n\r\n',
  'status 20': 'HTTP/1.1 20 No\r\n\r\n',
  'status 2000': 'HTTP/1.1 2000 No\r\n\r\n',
  'no blank before the status': 'HTTP/1.1200 OK\r\n\r\n',
  'two blanks before the status': 'HTTP/1.1  200 OK\r\n\r\n',
  'a control in the reason': 'HTTP/1.1 200 O\x00K\r\n\r\n',
  'bare LF after the status line': 'HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n',
  'bare LF between fields': `${head}A: 1\nB: 2\r\n\r\n`,
  'bare CR in a value': `${head}A: 1\rB: 2\r\n\r\n`,
  'bare CR before a line end': `${head}A: 1\r\r\n\r\n`,
  'obs-fold': `${head}A: 1\r\n B: 2\r\n\r\n`,
  'a field that starts with a blank': `${head} A: 1\r\n\r\n`,
  'a blank before the colon': `${head}A : 1\r\n\r\n`,
  'a tab before the colon': `${head}Content-Length\t: 1\r\n\r\nx`,
  'no name': `${head}: 1\r\n\r\n`,
  'no colon': `${head}hello\r\n\r\n`,
  'a bracket in a name': `${head}A[0]: 1\r\n\r\n`,
  'NUL in a name': `${head}A\x00: 1\r\n\r\n`,
  'an octet above ASCII in a name': `${head}\xc4: 1\r\n\r\n`,
  'NUL in a value': `${head}A: 1\x002\r\n\r\n`,
  'DEL in a value': `${head}A: 1\x7f\r\n\r\n`,
  'both framings': `${head}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'both framings, turned': `${head}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n`,
  'two lengths': `${head}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc`,
  'a list of lengths': `${head}Content-Length: 3, 3\r\n\r\nabc`,
  'a signed length': `${head}Content-Length: +3\r\n\r\nabc`,
  'a negative length': `${head}Content-Length: -1\r\n\r\n`,
  'a hexadecimal length': `${head}Content-Length: 0x3\r\n\r\nabc`,
  'an empty length': `${head}Content-Length:\r\n\r\n`,
  'a length beyond exact numbers': `${head}Content-Length: 9999999999999999\r\n\r\n`,
  'gzip coding': `${head}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  'identity coding': `${head}Transfer-Encoding: identity\r\n\r\n`,
  'coding twice': `${head}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'a coding with a control': `${head}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n`,
  'coding in HTTP/1.0': 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'content in an interim answer': 'HTTP/1.1 103 Early\r\nContent-Length: 3\r\n\r\nabc',
  'coding in an interim answer': 'HTTP/1.1 103 Early\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'too many interim answers': 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(17),
  'a chunk size of nothing': `${chunked}\r\nhello\r\n0\r\n\r\n`,
  'a signed chunk size': `${chunked}-1\r\n`,
  'a chunk size with 0x': `${chunked}0x5\r\nhello\r\n0\r\n\r\n`,
  'a blank before a chunk size': `${chunked} 5\r\nhello\r\n0\r\n\r\n`,
  'a blank after a chunk size': `${chunked}5 \r\nhello\r\n0\r\n\r\n`,
  'a chunk size with an underscore': `${chunked}1_0\r\n`,
  'a huge chunk size': `${chunked}10000000000000\r\n`.replace('1000', '10000'),
  'bare LF after a chunk size': `${chunked}5\nhello\r\n0\r\n\r\n`,
  'bare LF in an extension': `${chunked}5;a\nb\r\nhello\r\n0\r\n\r\n`,
  'bare CR in an extension': `${chunked}5;a\rb\r\nhello\r\n0\r\n\r\n`,
  'NUL in an extension': `${chunked}5;a\x00\r\nhello\r\n0\r\n\r\n`,
  'a chunk longer than its size': `${chunked}5\r\nhello!\r\n0\r\n\r\n`,
  'bare LF after a chunk': `${chunked}5\r\nhello\n0\r\n\r\n`,
  'bare LF after the last chunk': `${chunked}0\n\n`,
  'bare LF in the trailers': `${chunked}0\r\nA: 1\n\r\n`,
  'a trailer without a colon': `${chunked}0\r\nA\r\n\r\n`,
  'a trailer that is folded': `${chunked}0\r\nA: 1\r\n 2\r\n\r\n`,
  'a control in a trailer': `${chunked}0\r\nA: \x00\r\n\r\n`,
  'endless extensions': `${chunked}${`1;${'e'.repeat(1000)}\r\nx\r\n`.repeat(17)}`,
  'endless trailers': `${chunked}0\r\n${`A: ${'t'.repeat(1000)}\r\n`.repeat(17)}`,
  'a head without end': `${head}${`A: ${'h'.repeat(1000)}\r\n`.repeat(66)}`,
  'too many fields': `${head}${'A:\r\n'.repeat(513)}\r\n`,
}

describe('answers that are refused', () => {
  for (const [name, text] of Object.entries(refused)) {
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

const answers = [
  `${head}Content-Type: text/plain\r\nContent-Length: 11\r\nX-A: b\r\n\r\nhello world`,
  `${chunked}5;x="y"\r\nhello\r\n6\r\n world\r\n0\r\nX-T: 1\r\nX-U: 2\r\n\r\n`,
  `HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n${head}Content-Length: 0\r\n\r\n`,
  'HTTP/1.0 404 Not Found\r\nServer: old\r\n\r\nuntil the end\r\n\r\n of it',
  'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nConnection: close\r\n\r\n',
  `${head}Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx`,
]

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
const mutation = fc.record({
  at: fc.nat(),
  remove: fc.nat({ max: 4 }),
  insert: fc.oneof(
    fc.constantFrom('\r\n', '\n', '\r', ' ', ':', '\0', ';', '0', 'f', '\r\n\r\n', 'Content-Length: 3\r\n', ','),
    fc.string({ unit: 'binary', maxLength: 3 }).map((text) => Buffer.from(text).toString('latin1')),
  ),
})
const mutated = fc
  .tuple(fc.constantFrom(...answers), fc.array(mutation, { minLength: 1, maxLength: 4 }))
  .map(([text, mutations]) =>
    mutations.reduce((result, { at, remove, insert }) => {
      const place = at % (result.length + 1)
      return result.slice(0, place) + insert + result.slice(place + remove)
    }, text),
  )

function toComparable({ interims, status, headers, framing, content, trailers, end }: Recording) {
  const kind = end.startsWith('invalid') ? 'invalid' : end
  return { interims, status, headers, framing, content, trailers, end: kind }
}

describe('in whatever pieces the bytes come', () => {
  it('says the same of good answers', () => {
    fc.assert(
      fc.property(fc.constantFrom(...answers), anyCuts, (text, cuts) => {
        assert.deepEqual(toComparable(parse(cut(text, cuts))), toComparable(parse([text])))
      }),
      { numRuns: 500 },
    )
  })

  it('says the same of spoiled answers, and neither throws nor reports anything after the end', () => {
    fc.assert(
      fc.property(mutated, anyCuts, (text, cuts) => {
        assert.deepEqual(toComparable(parse(cut(text, cuts))), toComparable(parse([text])))
      }),
      { numRuns: 2000 },
    )
  })

  it('reports nothing any more once it was stopped', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...answers),
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
