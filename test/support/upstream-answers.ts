import fc from 'fast-check'

const head = 'HTTP/1.1 200 OK\r\n'
const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n`

/** Answers that must not be taken for what they say. */
export const refusedAnswers: Readonly<Record<string, string>> = {
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
  'a length in the trailers': `${chunked}0\r\nContent-Length: 3\r\n\r\n`,
  'a coding in the trailers': `${chunked}0\r\nTransfer-Encoding: chunked\r\n\r\n`,
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
  'an extension without a name': `${chunked}5;\r\nhello\r\n0\r\n\r\n`,
  'an extension with an open quote': `${chunked}5;a="b\r\nhello\r\n0\r\n\r\n`,
  'a blank in an extension': `${chunked}5;a b\r\nhello\r\n0\r\n\r\n`,
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

export const goodAnswers = [
  `${head}Content-Type: text/plain\r\nContent-Length: 11\r\nX-A: b\r\n\r\nhello world`,
  `${chunked}5;x="y\\"";z;w=1\r\nhello\r\n6\r\n world\r\n0\r\nX-T: 1\r\nX-U: 2\r\n\r\n`,
  `HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n${head}Content-Length: 0\r\n\r\n`,
  'HTTP/1.0 404 Not Found\r\nServer: old\r\n\r\nuntil the end\r\n\r\n of it',
  'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nConnection: close\r\n\r\n',
  `${head}Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx`,
]

const mutation = fc.record({
  at: fc.nat(),
  remove: fc.nat({ max: 4 }),
  insert: fc.oneof(
    fc.constantFrom('\r\n', '\n', '\r', ' ', ':', '\0', ';', '0', 'f', '\r\n\r\n', 'Content-Length: 3\r\n', ','),
    fc.string({ unit: 'binary', maxLength: 3 }).map((text) => Buffer.from(text).toString('latin1')),
  ),
})
/** Good answers with a few bytes put in or taken out. */
export const spoiledAnswers = fc
  .tuple(fc.constantFrom(...goodAnswers), fc.array(mutation, { minLength: 1, maxLength: 4 }))
  .map(([text, mutations]) =>
    mutations.reduce((result, { at, remove, insert }) => {
      const place = at % (result.length + 1)
      return result.slice(0, place) + insert + result.slice(place + remove)
    }, text),
  )
