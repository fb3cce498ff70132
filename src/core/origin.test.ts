import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createOriginSet, parseOrigin } from './origin.ts'

test('reads origins as browsers write them', () => {
  for (const [text, origin] of [
    ['https://app.example.com', 'https://app.example.com'],
    ['HTTPS://App.Example.COM:443', 'https://app.example.com'],
    ['http://localhost:5173', 'http://localhost:5173'],
    ['http://localhost:80', 'http://localhost'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['https://[2001:DB8::1]:8443', 'https://[2001:db8::1]:8443'],
    ['https://*.Example.com', 'https://*.example.com'],
    ['https://*.bücher.example:8443', 'https://*.xn--bcher-kva.example:8443'],
    ['http://*.localhost:3000', 'http://*.localhost:3000'],
    ['chrome-extension://abcdefgh', 'chrome-extension://abcdefgh'],
    ['capacitor://localhost', 'capacitor://localhost'],
    ['*', '*'],
  ] as const) {
    assert.equal(parseOrigin(text), origin, text)
  }
})

test('refuses what is no origin, with the reason', () => {
  for (const text of [
    'app.example.com',
    'https://app.example.com/',
    'https://app.example.com/path',
    'https://user@app.example.com',
    'https://app.example.com?x',
    'https://app.example.com#x',
    'https://app.*.example.com',
    'https://*example.com',
    'https://**.example.com',
    'https://*',
    'https://*.com',
    'https://*.',
    'https://*.example.com.',
    'https://*.127.0.0.1',
    'https://*.1.2',
    'https://*.0x7f.1',
    'https://*.[2001:db8::1]',
    'https://app.example.com:99999',
    'https://app.example.com:',
    'https://app.example.com https://other.example.com',
    'https://app%2eexample.com',
    'chrome-extension://*.abc',
    '^https://.*$',
    'file:///index.html',
    'file://x',
    'wss://app.example.com',
    'null',
    '',
  ]) {
    const parsed = parseOrigin(text)
    assert.ok(typeof parsed === 'object' && parsed.problem.length > 10, text)
  }
})

const listed = ['https://app.example.com', 'https://*.example.org', 'https://*.example.net:8443']
const set = createOriginSet(listed)

test('matches exact origins and one label or more below a pattern', () => {
  for (const origin of [
    'https://app.example.com',
    'https://a.example.org',
    'https://a.b-c.d_e.example.org',
    'https://xn--bcher-kva.example.org',
    'https://a.example.net:8443',
  ]) {
    assert.equal(set.includes(origin), true, origin)
  }
})

test('is not fooled by case, port, trailing dot, scheme, userinfo, path or lookalikes', () => {
  for (const origin of [
    'https://APP.example.com',
    'https://app.example.com:443',
    'https://app.example.com:8443',
    'https://app.example.com.',
    'http://app.example.com',
    'https://app.example.com.attacker.invalid',
    'https://attackerapp.example.com',
    'https://app.example.com@attacker.invalid',
    'https://app.example.com/',
    'https://app.example.com https://attacker.invalid',
    'https://example.org',
    'https://.example.org',
    'https://a..example.org',
    'https://-.evil/.example.org',
    'https://evil.invalid/.example.org',
    'https://evil.invalid?.example.org',
    'https://evil.invalid#.example.org',
    'https://evil.invalid:1@a.example.org',
    'https://evil.invalid\\.example.org',
    'https://evil.invalid%00.example.org',
    'https://A.example.org',
    'https://bücher.example.org',
    'https://a.example.org:443',
    'https://a.example.org.',
    'https://attackerexample.org',
    'http://a.example.org',
    'https://a.example.net',
    'https://a.example.net:84430',
    'null',
    '*',
    '',
  ]) {
    assert.equal(set.includes(origin), false, origin)
  }
})

/** Pieces from which confusing origins are built. */
const piece = fc.constantFrom(
  ...[
    'https://',
    'http://',
    'a',
    'B',
    '.',
    '..',
    '-',
    '_',
    '/',
    '\\',
    '@',
    ':',
    ':443',
    ':8443',
    '?',
    '#',
    '%2e',
    ' ',
    '\t',
  ],
  ...[
    'example.org',
    '.example.org',
    '.example.net:8443',
    'evil.invalid',
    'ü',
    '[::1]',
    '*',
    '\u3002',
    '\u0000',
    'null',
  ],
)

test('what a pattern matches is an origin below it as a URL parser reads it', () => {
  let matched = 0
  const text = fc.oneof(
    fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
    fc.array(piece, { maxLength: 3 }).map((pieces) => `https://${pieces.join('')}.example.org`),
  )
  fc.assert(
    fc.property(text, (origin) => {
      if (!set.includes(origin) || origin === listed[0]) return
      matched++
      const url = URL.parse(origin)
      // A label that URL parsers refuse (broken punycode) is sent by no browser.
      if (url === null) return
      assert.equal(url.origin, origin)
      assert.equal(url.username, '')
      assert.match(url.host, /^[^@/]+\.example\.(?:org|net:8443)$/)
    }),
    { numRuns: 20_000 },
  )
  assert.ok(matched > 50, `only ${matched} runs matched`)
})

test('reading never throws, and what was read reads to itself', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
        fc.webUrl(),
      ),
      (text) => {
        const parsed = parseOrigin(text)
        if (typeof parsed === 'string') assert.equal(parseOrigin(parsed), parsed)
      },
    ),
    { numRuns: 5000 },
  )
})
