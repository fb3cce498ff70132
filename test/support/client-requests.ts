import fc from 'fast-check'

const host = 'Host: a\r\n'
const chunked = `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n`

/** Bytes that must not be taken for a request, and what they are refused for. */
export const refusedRequests: Readonly<Record<string, readonly [text: string, code: string]>> = {
  'no version': [`GET /\r\n${host}\r\n`, 'malformed_request'],
  'HTTP/2.0': [`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`, 'version_not_supported'],
  'HTTP/1.2': [`GET / HTTP/1.2\r\n${host}\r\n`, 'version_not_supported'],
  'HTTP/0.9': [`GET / HTTP/0.9\r\n${host}\r\n`, 'version_not_supported'],
  'a version of two digits': [`GET / HTTP/1.10\r\n${host}\r\n`, 'malformed_request'],
  'a version in lower case': [`GET / http/1.1\r\n${host}\r\n`, 'malformed_request'],
  'another protocol': ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'malformed_request'],
  'a protocol of the same kind': [`GET / ICE/1.0\r\n${host}\r\n`, 'malformed_request'],
  'no target': [`GET HTTP/1.1\r\n${host}\r\n`, 'malformed_request'],
  'an empty target': [`GET  HTTP/1.1\r\n${host}\r\n`, 'malformed_request'],
  'two blanks before the target': [`GET  / HTTP/1.1\r\n${host}\r\n`, 'malformed_request'],
  'two blanks before the version': [`GET /  HTTP/1.1\r\n${host}\r\n`, 'malformed_request'],
  'a blank in the target': [`GET /a /b HTTP/1.1\r\n${host}\r\n`, 'malformed_request'],
  'a tab in the target': [`GET /a\tb HTTP/1.1\r\n${host}\r\n`, 'malformed_request'],
  'NUL in the target': [`GET /a\0b HTTP/1.1\r\n${host}\r\n`, 'malformed_request'],
  'DEL in the target': [`GET /a\x7fb HTTP/1.1\r\n${host}\r\n`, 'malformed_request'],
  'raw UTF-8 in the target': [`GET /\xc3\xa4 HTTP/1.1\r\n${host}\r\n`, 'malformed_request'],
  'a target that is no path': [`GET index.html HTTP/1.1\r\n${host}\r\n`, 'malformed_request'],
  'a target of another scheme': [`GET ftp://a/b HTTP/1.1\r\n${host}\r\n`, 'malformed_request'],
  'a target with credentials': [`GET http://u:p@a/b HTTP/1.1\r\n${host}\r\n`, 'malformed_request'],
  'an authority where only CONNECT has one': [`GET a:80 HTTP/1.1\r\n${host}\r\n`, 'malformed_request'],
  'a tab behind the method': [`GET\t/ HTTP/1.1\r\n${host}\r\n`, 'malformed_request'],
  'a method that is no token': [`G@T / HTTP/1.1\r\n${host}\r\n`, 'malformed_request'],
  'a blank first': [` GET / HTTP/1.1\r\n${host}\r\n`, 'malformed_request'],
  'a blank behind the version': [`GET / HTTP/1.1 \r\n${host}\r\n`, 'malformed_request'],
  'bare LF after the request line': [`GET / HTTP/1.1\n${host}\r\n`, 'malformed_request'],
  'bare CR after the request line': [`GET / HTTP/1.1\r${host}\r\n\r\n`, 'malformed_request'],
  'bare LF before the request': [`\nGET / HTTP/1.1\r\n${host}\r\n`, 'malformed_request'],
  'bare CR before the request': [`\rGET / HTTP/1.1\r\n${host}\r\n`, 'malformed_request'],
  'many empty lines': [`${'\r\n'.repeat(5)}GET / HTTP/1.1\r\n${host}\r\n`, 'malformed_request'],
  'bare LF between fields': [`GET / HTTP/1.1\r\n${host}A: 1\nB: 2\r\n\r\n`, 'malformed_request'],
  'bare CR in a value': [`GET / HTTP/1.1\r\n${host}A: 1\rB: 2\r\n\r\n`, 'malformed_request'],
  'bare CR before a line end': [`GET / HTTP/1.1\r\n${host}A: 1\r\r\n\r\n`, 'malformed_request'],
  'bare LFs at the end': [`GET / HTTP/1.1\r\n${host}A: 1\n\n`, 'malformed_request'],
  'obs-fold': [`GET / HTTP/1.1\r\n${host}A: 1\r\n B: 2\r\n\r\n`, 'malformed_request'],
  'a field that starts with a blank': [`GET / HTTP/1.1\r\n A: 1\r\n${host}\r\n`, 'malformed_request'],
  'a blank before the colon': [`GET / HTTP/1.1\r\nHost : a\r\n\r\n`, 'malformed_request'],
  'a tab before the colon': [`GET / HTTP/1.1\r\nHost\t: a\r\n\r\n`, 'malformed_request'],
  'no name': [`GET / HTTP/1.1\r\n${host}: 1\r\n\r\n`, 'malformed_request'],
  'no colon': [`GET / HTTP/1.1\r\n${host}hello\r\n\r\n`, 'malformed_request'],
  'a bracket in a name': [`GET / HTTP/1.1\r\n${host}A[0]: 1\r\n\r\n`, 'malformed_request'],
  'NUL in a name': [`GET / HTTP/1.1\r\n${host}A\0: 1\r\n\r\n`, 'malformed_request'],
  'an octet above ASCII in a name': [`GET / HTTP/1.1\r\n${host}\xc4: 1\r\n\r\n`, 'malformed_request'],
  'NUL in a value': [`GET / HTTP/1.1\r\n${host}A: 1\x002\r\n\r\n`, 'malformed_request'],
  'DEL in a value': [`GET / HTTP/1.1\r\n${host}A: 1\x7f\r\n\r\n`, 'malformed_request'],
  'both framings': [
    `POST / HTTP/1.1\r\n${host}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'request_smuggling',
  ],
  'both framings, turned': [
    `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n`,
    'request_smuggling',
  ],
  'two lengths': [`POST / HTTP/1.1\r\n${host}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc`, 'request_smuggling'],
  'a length twice': [
    `POST / HTTP/1.1\r\n${host}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc`,
    'request_smuggling',
  ],
  'a list of lengths': [`POST / HTTP/1.1\r\n${host}Content-Length: 3, 3\r\n\r\nabc`, 'request_smuggling'],
  'a signed length': [`POST / HTTP/1.1\r\n${host}Content-Length: +3\r\n\r\nabc`, 'request_smuggling'],
  'a negative length': [`POST / HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n`, 'request_smuggling'],
  'a hexadecimal length': [`POST / HTTP/1.1\r\n${host}Content-Length: 0x3\r\n\r\nabc`, 'request_smuggling'],
  'an empty length': [`POST / HTTP/1.1\r\n${host}Content-Length:\r\n\r\n`, 'request_smuggling'],
  'a length beyond exact numbers': [
    `POST / HTTP/1.1\r\n${host}Content-Length: 9999999999999999\r\n\r\n`,
    'request_smuggling',
  ],
  'gzip coding': [`POST / HTTP/1.1\r\n${host}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, 'request_smuggling'],
  'chunked, and then something else': [
    `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
    'request_smuggling',
  ],
  'coding twice': [
    `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'request_smuggling',
  ],
  'an empty coding': [`POST / HTTP/1.1\r\n${host}Transfer-Encoding:\r\n\r\n`, 'request_smuggling'],
  'a coding with a control': [
    `POST / HTTP/1.1\r\n${host}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n`,
    'malformed_request',
  ],
  'coding in HTTP/1.0': [`POST / HTTP/1.0\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 'request_smuggling'],
  'a chunk size of nothing': [`${chunked}\r\nhello\r\n0\r\n\r\n`, 'malformed_request'],
  'a signed chunk size': [`${chunked}-1\r\n`, 'malformed_request'],
  'a blank after a chunk size': [`${chunked}5 \r\nhello\r\n0\r\n\r\n`, 'malformed_request'],
  'a huge chunk size': [`${chunked}10000000000000000\r\n`, 'malformed_request'],
  'bare LF after a chunk size': [`${chunked}5\nhello\r\n0\r\n\r\n`, 'malformed_request'],
  'bare LF in an extension': [`${chunked}5;a\nb\r\nhello\r\n0\r\n\r\n`, 'malformed_request'],
  'a chunk longer than its size': [`${chunked}5\r\nhello!\r\n0\r\n\r\n`, 'malformed_request'],
  'bare LF after a chunk': [`${chunked}5\r\nhello\n0\r\n\r\n`, 'malformed_request'],
  'bare LF after the last chunk': [`${chunked}0\n\n`, 'malformed_request'],
  'a trailer that is folded': [`${chunked}0\r\nA: 1\r\n 2\r\n\r\n`, 'malformed_request'],
  'endless extensions': [`${chunked}${`1;${'e'.repeat(1000)}\r\nx\r\n`.repeat(17)}`, 'malformed_request'],
  'endless trailers': [`${chunked}0\r\n${`A: ${'t'.repeat(1000)}\r\n`.repeat(17)}`, 'malformed_request'],
  'a head without end': [`GET / HTTP/1.1\r\n${`A: ${'h'.repeat(1000)}\r\n`.repeat(17)}`, 'header_too_large'],
  'a head over the limit': [`GET / HTTP/1.1\r\n${`A: ${'h'.repeat(1000)}\r\n`.repeat(17)}\r\n`, 'header_too_large'],
}

export const goodRequests: readonly string[] = [
  `GET /a?b=c HTTP/1.1\r\n${host}Accept: */*\r\nX-Empty:\r\nX-Blank: \t \r\nX-Two:\t v w \r\n\r\n`,
  `POST / HTTP/1.1\r\n${host}Content-Length: 11\r\nContent-Type: text/plain\r\n\r\nhello world`,
  `PUT /x HTTP/1.1\r\n${host}Transfer-Encoding: Chunked\r\n\r\n5;x="y\\"";z;w=1\r\nhello\r\n6\r\n world\r\n0\r\nX-T: 1\r\n\r\n`,
  `\r\n\r\nHEAD /a%20b;c='d'|{}"<> HTTP/1.1\r\n${host}X-High: \xe4\xff\r\nConnection: close\r\n\r\n`,
  `GET /old HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok`,
  `OPTIONS * HTTP/1.1\r\n${host}\r\nDELETE http://a/b HTTP/1.1\r\n${host}Content-Length: 0\r\n\r\nGET / HTTP/1.1\r\n${host}\r\n`,
]

const mutation = fc.record({
  at: fc.nat(),
  remove: fc.nat({ max: 4 }),
  insert: fc.oneof(
    fc.constantFrom('\r\n', '\n', '\r', ' ', ':', '\0', ';', '0', 'f', '\r\n\r\n', 'Content-Length: 3\r\n', ',', '\t'),
    fc.constantFrom('Transfer-Encoding: chunked\r\n', 'Connection: close\r\n', 'GET / HTTP/1.1\r\n', '\x0b', '\x7f'),
    fc.string({ unit: 'binary', maxLength: 3 }).map((text) => Buffer.from(text).toString('latin1')),
  ),
})
/** Good requests with a few bytes put in or taken out. */
export const spoiledRequests = fc
  .tuple(fc.constantFrom(...goodRequests), fc.array(mutation, { minLength: 1, maxLength: 4 }))
  .map(([text, mutations]) =>
    mutations.reduce((result, { at, remove, insert }) => {
      const place = at % (result.length + 1)
      return result.slice(0, place) + insert + result.slice(place + remove)
    }, text),
  )
