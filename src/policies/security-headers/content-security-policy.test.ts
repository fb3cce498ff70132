import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type CspDirectives, isAtLeastAsStrict, parseCsp } from './content-security-policy.ts'

function parse(text: string): CspDirectives {
  const parsed = parseCsp(text)
  if ('problem' in parsed) assert.fail(`${text}: ${parsed.problem}`)
  return parsed
}
const stricter = (own: string, inherited: string) => isAtLeastAsStrict(parse(own), parse(inherited))

test('reads directives', () => {
  assert.deepEqual(
    [...parse("Default-Src 'self' https://cdn.example.com;  img-src *;; upgrade-insecure-requests;")],
    [
      ['default-src', ["'self'", 'https://cdn.example.com']],
      ['img-src', ['*']],
      ['upgrade-insecure-requests', []],
    ],
  )
})

test('refuses what a browser would skip in silence', () => {
  for (const text of [
    '',
    ' ; ',
    'default-scr *',
    'script-src self',
    'script-src nonce-abc',
    "default-src 'self'; default-src *",
    "script-src 'none' https://cdn.example.com",
    "default-src 'self', script-src *",
    "default-src 'self'\nset-cookie: a=b",
    'default-src ü',
    'constructor x',
  ]) {
    assert.ok('problem' in parseCsp(text), text)
  }
})

test('compares policies by what they allow, with the fallbacks of browsers', () => {
  const strict = "default-src 'none'; frame-ancestors 'none'"
  assert.ok(stricter(strict, strict))
  assert.ok(stricter(`${strict}; base-uri 'none'`, strict))
  assert.ok(stricter("default-src 'none'; script-src 'self'", "default-src 'self'"))
  assert.ok(stricter("default-src 'self'", "default-src 'self'; report-uri /x"))
  assert.ok(stricter("default-src 'self' 'report-sample'", "default-src 'self'"))
  assert.ok(!stricter("default-src 'none'", strict), 'anybody may frame the page')
  assert.ok(!stricter("default-src 'none'; script-src 'self'; frame-ancestors 'none'", strict))
  assert.ok(!stricter("frame-ancestors 'none'", strict), 'what has no fallback allows everything')
  assert.ok(!stricter("default-src 'self' 'unsafe-inline'", "default-src 'self'"))
  assert.ok(!stricter("script-src 'self'", "script-src 'self'; object-src 'none'"))
  assert.ok(!stricter("default-src 'self'; worker-src https://cdn.example.com", "default-src 'self'"))
  assert.ok(!stricter("default-src 'self'", "default-src 'self'; upgrade-insecure-requests"))
  assert.ok(!stricter("default-src 'self'; sandbox allow-scripts", "default-src 'self'; sandbox"))
})

test('adding a source never makes a policy count as stricter, removing one never as looser', () => {
  const sources = fc.uniqueArray(fc.constantFrom("'self'", 'https://a.example', 'https://b.example', 'data:', '*'), {
    minLength: 1,
  })
  const names = fc.uniqueArray(
    fc.constantFrom('default-src', 'script-src', 'child-src', 'frame-ancestors', 'base-uri'),
    { minLength: 1 },
  )
  fc.assert(
    fc.property(names, sources, fc.nat(), (directives, list, at) => {
      const changed = directives[at % directives.length] as string
      const text = (extra: string) =>
        directives.map((name) => `${name} ${list.join(' ')}${name === changed ? extra : ''}`).join('; ')
      const plain = text('')
      const wider = text(' https://more.example')
      assert.equal(stricter(plain, wider), true)
      const isShadowed = changed === 'default-src' && directives.length > 1
      if (!isShadowed) assert.equal(stricter(wider, plain), false)
    }),
    { numRuns: 300 },
  )
})
