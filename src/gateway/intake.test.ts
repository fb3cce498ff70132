import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readIntake } from './intake.ts'

const limits = { maxHeaderCount: 100, maxUrlBytes: 8192 }

function read(headers: string[], url = '/a', authority: string | null = null) {
  return readIntake(headers, url, authority, limits)
}

function codeOf(headers: string[], url?: string, authority?: string | null): string | null {
  const result = read(headers, url, authority ?? null)
  return 'kind' in result ? result.code : null
}

function flatOf(headers: string[], url?: string): string[] {
  const result = read(headers, url)
  if ('kind' in result) assert.fail(`refused: ${result.code} ${result.detail}`)
  return result.headers.flat
}

test('ambiguous framing is refused (RFC 9112 section 6.1)', () => {
  const smuggling = [
    ['Content-Length', '5', 'Transfer-Encoding', 'chunked'],
    ['Content-Length', '5', 'Content-Length', '6'],
    ['Content-Length', '5', 'Content-Length', '5'],
    ['Content-Length', '5, 5'],
    ['Content-Length', '+5'],
    ['Content-Length', '0x5'],
    ['Content-Length', ''],
    ['Transfer-Encoding', 'gzip, chunked'],
    ['Transfer-Encoding', 'identity'],
    ['Transfer-Encoding', 'xchunked'],
    ['Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked'],
  ]
  for (const headers of smuggling)
    assert.equal(codeOf(['Host', 'a', ...headers]), 'request_smuggling', headers.join(' '))
})

test('a host is demanded, once, and must agree with the target', () => {
  assert.equal(codeOf([]), 'host_invalid')
  assert.equal(codeOf(['Host', 'a', 'Host', 'a']), 'host_invalid')
  for (const host of ['', 'a b', 'a/b', 'a@b', 'a,b', 'a:', 'a:123456', '-a', '[::1', 'a\u00e9']) {
    assert.equal(codeOf(['Host', host]), 'host_invalid', host)
  }
  assert.equal(codeOf(['Host', 'a'], 'http://b/x'), 'host_invalid')
  assert.equal(codeOf(['Host', 'a'], 'http://a@b/x'), 'host_invalid')
  assert.equal(codeOf(['Host', 'b'], '/x', 'a'), 'host_invalid')
})

test('honest hosts and absolute targets pass', () => {
  for (const host of ['a', 'A.example.com:8443', '127.0.0.1', '[::1]:80', 'x_y.internal', 'example.com.']) {
    assert.equal(codeOf(['Host', host]), null, host)
  }
  const absolute = read(['Host', 'A.example:80'], 'HTTP://a.example:80/x?y')
  assert.ok(!('kind' in absolute))
  assert.deepEqual([absolute.host, absolute.target.path, absolute.target.query], ['a.example:80', '/x', 'y'])
  const bare = read(['Host', 'a'], 'http://a')
  assert.ok(!('kind' in bare) && bare.target.path === '/')
})

test('hop-by-hop fields and those that Connection names do not go on', () => {
  const flat = flatOf([
    'Host',
    'a',
    'Connection',
    'close, X-Hop, x-other',
    'X-Hop',
    '1',
    'X-Other',
    '2',
    'X-Keep',
    '3',
    'Keep-Alive',
    'timeout=5',
    'Proxy-Authorization',
    'x',
    'TE',
    'gzip',
  ])
  assert.deepEqual(flat, ['x-keep', '3'])
})

test('what would speak for the gateway is dropped: forwarding, identity and override fields', () => {
  const flat = flatOf([
    'Host',
    'a',
    'X-Forwarded-For',
    '1.1.1.1',
    'Forwarded',
    'for=1.1.1.1',
    'X-Real-IP',
    '1.1.1.1',
    'Portcullis-Identity',
    'forged',
    'PORTCULLIS-anything',
    'x',
    'X-HTTP-Method-Override',
    'DELETE',
    'X-Original-URL',
    '/admin',
    'X_Forwarded_For',
    '1.1.1.1',
    'Portcullis_Identity',
    'forged',
    'Accept',
    '*/*',
  ])
  assert.deepEqual(flat, ['accept', '*/*'])
})

test('fields that may stand once are refused when repeated, whatever their case', () => {
  assert.equal(codeOf(['Host', 'a', 'Authorization', 'x', 'authorization', 'y']), 'malformed_request')
  assert.equal(codeOf(['Host', 'a', 'Origin', 'x', 'Origin', 'x']), 'malformed_request')
  assert.equal(codeOf(['Host', 'a', 'Content-Type', 'x', 'content-TYPE', 'y']), 'malformed_request')
})

test('lists may be repeated, and split cookies become one field', () => {
  assert.deepEqual(flatOf(['Host', 'a', 'Accept', 'a', 'Accept', 'b', 'Cookie', 'a=1', 'Cookie', 'b=2']), [
    'accept',
    'a',
    'accept',
    'b',
    'cookie',
    'a=1; b=2',
  ])
})

test('Connection may name thousands of fields at the cost of a long value', () => {
  const fields = Array.from({ length: 90 }, (_, i) => [`x-${i}`, '1']).flat()
  const many = `${'ab,'.repeat(9_000)}x-0,x-89`
  const cost = (others: string[]) => {
    const started = performance.now()
    for (let i = 0; i < 10; i++) read(['Host', 'a', 'Connection', many, ...others])
    return performance.now() - started
  }
  const kept = flatOf(['Host', 'a', 'Connection', many, ...fields])
  assert.deepEqual(kept, fields.slice(2, -2))
  // The other fields are not searched for each name.
  const alone = Math.min(...[1, 2, 3, 4].map(() => cost([])))
  const least = Math.min(...[1, 2, 3, 4].map(() => cost(fields)))
  assert.ok(least < alone * 4, `${least} ms against ${alone} ms`)
})

test('an upgrade counts only where Connection names it', () => {
  const named = read(['Host', 'a', 'Connection', 'keep-alive, Upgrade', 'Upgrade', 'websocket'])
  const unnamed = read(['Host', 'a', 'Upgrade', 'websocket'])
  assert.ok(!('kind' in named) && named.upgrade === 'websocket')
  assert.ok(!('kind' in unnamed) && unnamed.upgrade === null)
})

test('too many fields, too long a URL and unknown expectations are refused', () => {
  assert.equal(
    codeOf(['Host', 'a', ...Array.from({ length: 100 }, (_, i) => [`x-${i}`, '1']).flat()]),
    'header_too_large',
  )
  assert.equal(codeOf(['Host', 'a'], `/${'x'.repeat(9000)}`), 'uri_too_long')
  assert.equal(codeOf(['Host', 'a', 'Expect', '200-ok']), 'expectation_failed')
  assert.equal(codeOf(['Host', 'a', 'Expect', '200-ok', 'Expect', '100-continue']), 'expectation_failed')
  assert.equal(codeOf(['Host', 'a', 'Expect', '100-Continue']), null)
})
