import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { apiKeyPattern, createApiKey } from '../crypto/api-key.ts'
import { headOf, redactQuery, redactText } from './redact.ts'
import { redacted } from './secret-patterns.ts'

const jwt = 'eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJjdXN0b21lci0xIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbi1oZXJl'
const pem = '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIHNlY3JldA==\n-----END PRIVATE KEY-----'
const encryptedPem = '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,1F\n\nMC4CAQAw'
const json = JSON.stringify

/** What must be gone, in texts that might hold it. */
const secrets: readonly [name: string, secret: string, text: string][] = [
  ['a JWT', jwt, `the token ${jwt} has expired`],
  ['a JWT in an escaped query', jwt, `/cb?x=s%3A${jwt}`],
  ['a JWT in a query that was escaped twice', jwt, `/cb?x=s%253A${jwt}`],
  ['a JWT behind an escaped line break', jwt, json(`\n${jwt}`)],
  ['a JWT behind letters', 'eyJzdWI', `session_${jwt}`],
  ['a JWT that was cut', 'eyJzdWI', jwt.slice(0, 50)],
  ['an encrypted JWT', 'more.parts', `got ${jwt}.more.parts`],
  ['a JWT encrypted with a shared key', 'Y2lwaGVy', 'got eyJhbGciOiJkaXIifQ..aXY.Y2lwaGVy.dGFn'],
  ['a JWT without claims', 'c2lnbmF0', 'eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0'],
  ['a bearer credential', 'x', 'Authorization: Bearer x'],
  ['a bearer credential without its name', 'sekret-opaque-value', 'got "Bearer sekret-opaque-value" instead'],
  ['a bearer credential in a query', 'sekretopaque', '/x?h=Bearer%20sekretopaque'],
  ['a bearer credential behind an escaped line break', 'sekretopaque', json('a\nBearer sekretopaque')],
  ['a basic credential', 'dXNlcjpwYXNzd29yZA==', 'Basic dXNlcjpwYXNzd29yZA== was sent'],
  ['a short basic credential', 'YTpi', 'Basic YTpi'],
  ['a basic credential in a form', 'dXNlcjpw', 'h=Basic+dXNlcjpw&x'],
  ['all of a field with a credential', 'response="6629f"', 'authorization: Digest username="a", response="6629f"'],
  ['all cookies', 'other=def', 'cookie: sid=abc; other=def'],
  ['cookies behind one in quotes', 'other=def', 'Cookie: "abc"; other=def'],
  ['cookies in JSON', 'def', json({ cookie: 'a=1; b="def"' })],
  ['cookies in a list', 'other=def', json({ 'set-cookie': ['sid=abc', 'other=def'] })],
  ['cookies in a listed object', 'other=def', "{ Cookie: 'sid=abc; other=def', host: 'x' }"],
  ['cookies in listed fields', 'other=def', "[ 'Cookie', 'sid=abc; other=def', 'Host', 'x' ]"],
  ['cookies in a raw request', 'other=def', json('GET / HTTP/1.1\r\nCookie: a=1; other=def\r\nHost: x')],
  ['a session of PHP', '4b1c', 'PHPSESSID=4b1c'],
  ['a session in a path', '4b1c', '/orders;jsessionid=4b1c'],
  ['a private key', 'MC4CAQAwBQYDK2VwBCIEIHNlY3JldA', `cannot read ${pem}`],
  ['a private key that was cut', 'MC4CAQAwBQYDK2Vw', pem.slice(0, 50)],
  ['a private key under a password', 'MC4CAQAw', encryptedPem],
  ['a private key of PGP', 'lQOY', '-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQOY'],
  ['a private key in a form', 'MC4CAQAw', `key_file=${encodeURIComponent(pem)}`],
  ['a password in a URL', 'hunter2', 'cannot reach postgres://app:hunter2@db.example.com/app'],
  ['a password with an @ in a URL', 'b@c', 'redis://user:a-b@c@cache:6379'],
  ['a password with a slash in a URL', 'b/c', 'redis://user:a-b/c@cache:6379'],
  ['a password without a user in a URL', 'hunter2', 'redis://:hunter2@cache:6379'],
  ['a token as the user of a URL', '5f3c2a', 'https://5f3c2a@errors.example.com/1'],
  ['a password as a parameter', 'hunter2', 'https://app.example.com/login?password=hunter2&next=/'],
  ['a password with signs as a parameter', 'ter2', 'https://app.example.com/login?password=hun,ter2;x&next=/'],
  ['a code as a parameter', 'SplxlOBe', 'https://app.example.com/cb?code=SplxlOBe'],
  ['a state behind a fragment', 'SplxlOBe', 'https://app.example.com/cb#state=SplxlOBe'],
  ['a password under an escaped name', 'hunter2', 'https://app.example.com/?user%5Bpassword%5D=hunter2'],
  ['a code in a URL in a URL', 'SplxlOBe', 'https://app.example.com/?next=%2Fcb%3Fcode%3DSplxlOBe'],
  ['a code in a URL in a URL in a URL', 'SplxlOBe', 'https://app.example.com/?next=%252Fcb%253Fcode%253DSplxlOBe'],
  ['a password in JSON in a URL', 'hunter2', `/x?filter=${encodeURIComponent(json({ password: 'hunter2' }))}`],
  ['a password in a form', 'hunter2', 'username=a&password=hunter2'],
  ['a code at the beginning of a form', 'SplxlOBe', 'the body was "code=SplxlOBe&grant_type=authorization_code"'],
  ['a password under a long name', 'hunter2', `${'settings.'.repeat(20)}password=hunter2`],
  ['a password in JSON', 'hunter2', '{"name":"a","password":"hunter2"}'],
  ['a number in JSON', '4711', '{"pin":4711,"a":1}'],
  ['a password with blanks in JSON', 'horse battery', '{"password":"correct horse battery staple","a":1}'],
  ['a password with a quote in JSON', 'horse', json({ password: 'correct"horse' })],
  ['a password with a quote in JSON in JSON', 'horse', json({ a: json({ password: 'correct "horse' }) })],
  ['a password in JSON in JSON in JSON', 'horse', json({ a: json({ b: json({ password: 'correct "horse' }) }) })],
  ['a password behind a name that JSON escaped', 'hunter2', String.raw`{"a":"/?b=1\u0026sid=hunter2"}`],
  ['a password behind an equals sign that JSON escaped', 'hunter2', String.raw`{"a":"/?password\u003dhunter2"}`],
  ['tokens in a list', 'def', json({ tokens: ['a]bc', 'def'] })],
  ['a password in an object', 'def', json({ password: { salt: 'a}bc', hash: 'def' } })],
  ['a password in quotes', 'horse', "password = 'correct horse'"],
  ['a password in the source of a hash', 'horse', `:password => "correct horse"`],
  ['a password in a listed array', 'hunter2', '[password] => hunter2'],
  ['bytes in quotes', 'horse', "{'password': b'correct horse'}"],
  ['a password in a column', 'hunter2', `password${' '.repeat(20)}=${' '.repeat(20)}hunter2`],
  ['a password behind another name', 'hunter2', 'Error: password=hunter2'],
  ['a long password', 'h'.repeat(6000), `password=${'h'.repeat(6000)}`],
  ['a token in a sentence', 'abc123', 'refused: token=abc123, try again'],
  ['a key in a connection string', 'c2VjcmV0', 'AccountName=shop;AccountKey=c2VjcmV0==;Suffix=x'],
  ['a card number', '4111111111111111', 'paid with 4111111111111111.'],
  ['a card number in JSON', '4111111111111111', '{"number":4111111111111111}'],
  ['a card number in groups', '4111 1111 1111 1111', 'card 4111 1111 1111 1111 refused'],
  ['a card number in a query', '1111', '/pay?n=4111%201111%201111%201111'],
  ['a key of another service', '4eC39HqLyjWDarjtT1zdp7dc', 'using sk_live_4eC39HqLyjWDarjtT1zdp7dc now'],
  ['a key behind an escape', '4eC39HqLyjWDarjtT1zdp7dc', '/x?a=%3Dsk_live_4eC39HqLyjWDarjtT1zdp7dc'],
]

describe('text', () => {
  for (const [name, secret, text] of secrets) {
    test(`${name} is cut out`, () => {
      const clean = redactText(text)
      assert.ok(!clean.includes(secret), clean)
      assert.ok(clean.includes(redacted), clean)
    })
  }

  test('API keys are cut out wherever they stand, also cut or mistyped; their ids stay readable', () => {
    for (let i = 0; i < 20; i++) {
      const { id, text } = createApiKey()
      assert.match(text, apiKeyPattern)
      for (const key of [text, text.slice(0, -1), text.slice(0, 36), `${text}x`]) {
        for (const around of [key, `/files/${key}/x`, `x${key}`, `{"k":"${key}"}`]) {
          const clean = redactText(around)
          assert.ok(!clean.includes(text.slice(17, 30)), clean)
        }
      }
      assert.ok(redactText(`the key ${id} is revoked`).includes(id))
      assert.ok(redactText(`pck_${id}`).includes(id))
    }
  })

  const honest = [
    'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
    'application/json; charset=utf-8',
    'multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW',
    'https://app.example.com/orders?page=2&sort=date',
    'https://example.com/a%20b/c%C3%A9?q=50%25&lang=de',
    'connect ECONNREFUSED 127.0.0.1:3000',
    'ENOENT: no such file or directory, open "/etc/portcullis/server.pem"',
    'code=ENOENT state=open key=%s',
    '{"code":"ENOENT","state":"open","key":"orders:1"}',
    '1795484634122',
    'order 4111111111111112 of 1795484634122',
    'request 6c789c5e-86be-4b48-8544-88e2abfa59cd',
    'trace 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    '2026-11-24T01:43:42.123Z',
    'GET /products/1 took 12 ms',
    'limit "ip-60s"',
    'Basic authentication is not offered here; neither is HTTP Basic',
    'bearer tokens are refused, bearer authentication is required',
    'Bearer realm="shop"',
    'the token has expired, the session was closed, a secret is missing',
    'token: expired',
    'the state of the circuit: open',
    `Unexpected token '}', "{"a":}" is not valid JSON`,
    'Unexpected token : in JSON at position 5',
    'Token::parse failed',
    'the cookie, the bearer, and the rest',
    'secretary=Anna possession=none passenger=3 compass=N',
    'keyJournal.entries.forEach',
    'status_code=404 keyId=abc123 tokenType=Bearer',
    '7 of 1000000000000000000000000000000 tried',
    'http://[2001:db8::1]:8080/path@v2',
    'http://localhost:4873/@scope/package',
    'git@example.com:org/repo.git',
    'task_live_migration_done',
    'portcullis.yaml:14:5: unknown key "rateLimits"',
  ]
  for (const text of honest) test(`stays: ${text}`, () => assert.equal(redactText(text), text))

  test('what names the secret, and who was reached, stays readable', () => {
    assert.equal(
      redactText('postgres://app:hunter2@db.example.com/app?x=1'),
      `postgres://${redacted}@db.example.com/app?x=1`,
    )
    assert.equal(redactText('a?password=b&next=/c'), `a?password=${redacted}&next=/c`)
    assert.equal(redactText('Authorization: Bearer abcdefgh\nHost: x'), `Authorization: ${redacted}\nHost: x`)
    assert.equal(redactText('(token=abc123), again'), `(token=${redacted}), again`)
    assert.equal(redactText(json({ password: 'a"b', user: 'c' })), json({ password: redacted, user: 'c' }))
    const inner = (password: string) => json({ body: json({ password, user: 'c' }) })
    assert.equal(redactText(inner('a"b\\')), inner(redacted))
    assert.equal(redactText(json({ tokens: ['a', 'b'], user: 'c' })), `{"tokens":${redacted},"user":"c"}`)
  })

  test('what was cleaned stays as it is when it is cleaned again', () => {
    for (const [, , text] of secrets) assert.equal(redactText(redactText(text)), redactText(text))
  })
})

describe('a query', () => {
  test('loses the values of secret parameters, however their names are escaped', () => {
    assert.equal(redactQuery('a=1&api_key=x&b=2'), `a=1&api_key=${redacted}&b=2`)
    assert.equal(redactQuery('pass%77ord=x'), `pass%77ord=${redacted}`)
    assert.equal(redactQuery('pass%77ord%=x'), `pass%77ord%=${redacted}`)
    assert.equal(redactQuery('user%5Bpassword%5D=x'), `user%5Bpassword%5D=${redacted}`)
    assert.equal(redactQuery('user%255Bpassword%255D=x'), `user%255Bpassword%255D=${redacted}`)
    assert.equal(redactQuery('code=x&state=y&page=2'), `code=${redacted}&state=${redacted}&page=2`)
    assert.equal(redactQuery('%=1&token=x'), `%=1&token=${redacted}`)
    assert.equal(redactQuery('a=1;password=x'), `a=1;password=${redacted}`)
    assert.equal(redactQuery('a=1?code=x'), `a=1?code=${redacted}`)
  })

  test('loses what looks like a secret under any name', () => {
    const { text } = createApiKey()
    assert.equal(redactQuery(`q=${text}&page=2`), `q=${redacted}&page=2`)
    assert.equal(redactQuery(`next=${jwt}`), `next=${redacted}`)
    assert.equal(redactQuery(text), redacted)
    assert.equal(redactQuery('q=4111111111111111'), `q=${redacted}`)
    assert.equal(redactQuery('q={"password":"x y"}'), `q={"password":"${redacted}"}`)
    assert.equal(redactQuery('q=https%3A%2F%2Fu%3Ap%40host&page=2'), `q=${redacted}&page=2`)
  })

  test('stays as it is otherwise', () => {
    const queries = ['', 'page=2&sort=-date', 'q=blue+mug', 'a&b&c=', 'ids=1,2,3', 'filter%5Bname%5D=a%20b', 't=10:30']
    for (const query of queries) assert.equal(redactQuery(query), query)
  })
})

describe('the head of a text', () => {
  test('is all of a text that is not much longer, and bounded otherwise', () => {
    assert.equal(headOf('a b', 1), 'a b')
    assert.ok(headOf('a'.repeat(1_000_000), 100).length < 1_000)
  })

  test('ends between two words, so that no half of a secret is left', () => {
    // Everything before the password goes, so that its first half would be shown.
    const query = `${'token=abcdefgh&'.repeat(40)}next=https://user:${'h'.repeat(500)}@host`
    assert.ok(redactQuery(query.slice(0, 700)).includes('hhhh'), 'cutting it anywhere would show it')
    const clean = redactQuery(headOf(query, 128))
    assert.ok(!clean.includes('hhhh'), clean)
  })
})

describe('time', () => {
  const units = [
    ...[
      'eyJ',
      '%41eyJaaaaaa',
      'eyJaaaaaaaaaaa1.',
      'eyJaaaaaaaaaaa1.a!',
      '.',
      'pck_',
      'pck_aaaaaaaaaaaaaaa-',
      'sk_live_',
    ],
    ...[
      'bearer ',
      'bearer+++',
      'bearer%20',
      'basic ',
      'basic',
      ' ',
      '+',
      '%20',
      '%2520',
      '%',
      'gh',
      'SG.',
      'sk-',
      'xoxb-',
    ],
    ...['-----BEGIN ', '-----BEGIN PRIVATE KEY-----', 'A ', '-', '/', '//a:', '//a:b/', '//a:1', '//:', '@', ':', '::'],
    ...[
      'a ',
      'a',
      '=',
      '=a',
      '&a=b',
      '?',
      '#',
      '&',
      ';',
      ',',
      '"',
      "'",
      '\\',
      '\\\\"',
      '\\"',
      '\\u003d',
      'a[b]',
      '[',
      '{',
    ],
    ...[
      '4',
      '4 ',
      '4111 ',
      '4111-',
      '41111111111 x',
      '4111111111111111',
      '1.',
      'cookie',
      'cookie:',
      '"cookie":',
      '","',
    ],
    ...[
      'token=',
      'token=;',
      'token="',
      "token='",
      'token=[',
      'token=["',
      'token={}',
      'code=',
      'code=a',
      'code=a ',
      'null',
    ],
    ...['token=null', 'token: no', 'password', 'password=)', '"password":"', 'é', '\n', '\u2028', '<', '%3D', '%253D'],
  ]

  /** Four times as long a text may take four times as long, or sixteen times where it is quadratic. */
  function assertLinear(redact: (text: string) => string, toText: (length: number) => string, length = 8_000): void {
    const short = toText(length)
    const long = toText(4 * length)
    let shortMs = Number.POSITIVE_INFINITY
    let longMs = Number.POSITIVE_INFINITY
    // Memory is cleaned up at times.
    for (let attempt = 0; attempt < 5; attempt++) {
      shortMs = Math.min(shortMs, measure(redact, short))
      longMs = Math.min(longMs, measure(redact, long))
      if (longMs < 9 * Math.max(shortMs, 2)) return
    }
    assert.fail(`${redact.name}: ${shortMs} ms, then ${longMs} ms: ${json(short.slice(0, 100))}`)
  }

  test('grows no faster than the text, whatever is repeated', () => {
    for (const unit of units) {
      for (const redact of [redactText, redactQuery]) {
        assertLinear(redact, (length) => unit.repeat(length / unit.length))
      }
    }
  })

  test('grows no faster than the text, whatever is repeated behind and before something else', () => {
    const some = (maxLength: number) =>
      fc.array(fc.constantFrom(...units), { maxLength }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(some(2), some(4), some(2), (before, unit, behind) => {
        const repeated = unit === '' ? 'x' : unit
        for (const redact of [redactText, redactQuery]) {
          assertLinear(redact, (length) => before + repeated.repeat(length / repeated.length) + behind)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('the measure tells a quadratic pattern', () => {
    const quadratic = (text: string) => text.replace(/eyJ[\w-]{5,}\.x/g, '')
    assert.throws(() => assertLinear(quadratic, (length) => 'eyJ'.repeat(length / 3), 2_000), /quadratic/)
  })
})

/** Milliseconds of this thread, whatever else the machine does. */
function measure(redact: (text: string) => string, text: string): number {
  const before = process.threadCpuUsage()
  redact(text)
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}
