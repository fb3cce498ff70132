import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { measureCpu } from '../../test/support/cpu-time.ts'
import { fakePolicies } from '../../test/support/fake-policies.ts'
import { compileSnapshot } from './compile-snapshot.ts'
import { formatErrors } from './config-error.ts'

const text = `
version: 1
listen: { https: { certificate: dev } }
upstreams: { shop: { targets: [http://127.0.0.1:3000] } }
defaults: { authenticate: [apiKey], rateLimit: { limit: 600/min } }
routes: [{ path: "/orders/{id}", upstream: shop }]
`

function compile(input: string | object, file = 'portcullis.yaml') {
  const result = compileSnapshot(input, { policies: fakePolicies, file })
  assert.ok(result.ok, result.ok ? '' : formatErrors(result.errors))
  return result.snapshot
}

function refuse(input: string | object): string {
  const result = compileSnapshot(input, { policies: fakePolicies })
  assert.ok(!result.ok, 'it must be refused')
  return formatErrors(result.errors)
}

const head = text.slice(0, text.indexOf('routes:'))

/** Time of this thread alone: the machine may be busy with others. */
function within<T>(seconds: number, run: () => T): T {
  let result: T | undefined
  const tookMs = measureCpu(() => {
    result = run()
  })
  assert.ok(tookMs < seconds * 1000, `it took ${tookMs} ms of processor time`)
  return result as T
}

describe('a snapshot', () => {
  test('is frozen to its depths', () => {
    const snapshot = compile(text)
    const options = snapshot.routes[0]?.policies[0]?.options as { maxBytes: number }
    assert.throws(() => {
      options.maxBytes = 1
    }, TypeError)
    assert.throws(() => (snapshot.routes as unknown[]).push({}), TypeError)
  })

  test('reaches another thread unchanged', () => {
    const snapshot = compile(text)
    assert.deepEqual(structuredClone(snapshot), snapshot)
  })

  test('has a revision that only its content changes', () => {
    const revision = compile(text).revision
    assert.match(revision, /^[0-9a-f]{64}$/)
    assert.equal(compile(text).revision, revision)
    assert.notEqual(compile(text.replace('600/min', '599/min')).revision, revision)
    assert.notEqual(
      compile(
        text
          .replace('[apiKey]', '[jwt], jwt: { issuer: a }, issuers: {}')
          .replace(', issuers: {}', '')
          .concat('issuers: { a: { issuer: https://a.example.com } }\n'),
      ).revision,
      revision,
    )
  })

  test('keeps generated files beside the database, and never straight in the folder of the file', () => {
    const folderOf = (data: string) => compile(`${text}data: ${data}\n`, '/srv/api/portcullis.yaml').dataFolder
    assert.equal(folderOf('sqlite:data/portcullis.db'), '/srv/api/data')
    assert.equal(folderOf('sqlite:/var/lib/portcullis/portcullis.db'), '/var/lib/portcullis')
    assert.equal(folderOf('sqlite:portcullis.db'), '/srv/api/data')
  })
})

describe('an object', () => {
  const file = () => ({
    version: 1,
    listen: { https: { certificate: 'dev' } },
    upstreams: { shop: { targets: ['http://127.0.0.1:3000'] } },
    defaults: { authenticate: ['apiKey'], rateLimit: { limit: '600/min' } },
    routes: [{ path: '/orders/{id}', upstream: 'shop' as string, bodyLimits: undefined }],
  })

  test('compiles to what the same text does, but for the lines', () => {
    const withoutLines = (snapshot: object) =>
      JSON.parse(JSON.stringify(snapshot, (key, value) => (key === 'position' || key === 'revision' ? null : value)))
    assert.deepEqual(withoutLines(compile(file())), withoutLines(compile(text)))
  })

  test('may change later without changing the snapshot', () => {
    const object = file()
    const snapshot = compile(object)
    object.upstreams.shop.targets.push('http://127.0.0.1:1')
    assert.deepEqual(snapshot.upstreams.shop?.targets, ['http://127.0.0.1:3000'])
  })

  test('has its errors by key path', () => {
    const object = file()
    const route = object.routes[0]
    assert.ok(route)
    route.upstream = 'shpo'
    assert.equal(
      refuse(object),
      'defineConfig(): routes[0].upstream: there is no upstream "shpo"\n    Did you mean "shop"?',
    )
  })

  test('must be plain data', () => {
    assert.match(refuse({ ...file(), server: { workers: () => 2 } }), /server\.workers: a function cannot stand/)
  })
})

describe('text', () => {
  test('of two documents is refused', () => {
    assert.match(
      refuse('version: 1\n---\nversion: 1\n'),
      /^portcullis\.yaml:2:1: the file holds more than one YAML document/,
    )
  })

  test('of aliases within aliases is refused, and soon', () => {
    const repeat = (name: string) => `[${`*${name},`.repeat(9)}]`
    const laughs = Array.from({ length: 12 }, (_, i) => `l${i + 1}: &l${i + 1} ${repeat(`l${i}`)}\n`).join('')
    assert.match(
      within(5, () => refuse(`l0: &l0 lol\n${laughs}`)),
      /more than 100 aliases/,
    )
    const wide = `a: &a [${'1,'.repeat(100_000)}]\nb: [${'*a,'.repeat(90)}]\n`
    assert.match(
      within(20, () => refuse(wide)),
      /holds too many values/,
    )
  })

  test('means the same with any line ends and with a byte order mark', () => {
    const wrong = 'version: 1\nlisten: { https: { certificate: dev } }\nnonsense: 1\n'
    const expected = refuse(wrong)
    assert.match(expected, /^portcullis\.yaml:3:1: unknown key "nonsense"/)
    assert.equal(refuse(wrong.replaceAll('\n', '\r\n')), expected)
    assert.equal(refuse(`\ufeff${wrong}`), expected)
  })

  test('that shows something else than it says is refused, in comments too', () => {
    const odd = {
      '\u0000': '0000',
      '\u0007': '0007',
      '\u001b': '001B',
      '\u009b': '009B',
      '\u202e': '202E',
      '\u2066': '2066',
    }
    for (const [character, code] of Object.entries(odd)) {
      const message = new RegExp(`^portcullis\\.yaml:2:6: a character that cannot be seen \\(U\\+${code}\\)`)
      assert.match(refuse(`version: 1\n# abc${character}\n`), message)
    }
    assert.match(refuse('version: 1\r\n\ufefflisten: {}\n'), /^portcullis\.yaml:2:1: a character .* \(U\+FEFF\)/)
  })

  test('in JSON is read as well', () => {
    assert.equal(compile(JSON.stringify({ version: 1, listen: { https: { certificate: 'dev' } } })).routes.length, 0)
  })

  test('nested without end is refused', () => {
    assert.match(refuse(`version: ${'['.repeat(5000)}`), /nested too deep/)
    assert.match(refuse(`version: ${'['.repeat(40)}${']'.repeat(40)}`), /nested more than 32 levels deep/)
  })

  test('with very many keys or values is refused, and soon', () => {
    const keys = Array.from({ length: 60_000 }, (_, i) => `k${i}: 1\n`).join('')
    const refused = within(20, () => refuse(keys))
    assert.match(refused, /unknown key "k0"/)
    assert.match(refused, /\d+ more errors are not shown$/)
    assert.match(
      within(20, () => refuse(`version: [${'1,'.repeat(420_000)}]`)),
      /holds too many values/,
    )
    assert.match(
      within(20, () => refuse(`version: [${'[],'.repeat(1_000_000)}]`)),
      /holds too many values/,
    )
  })

  test('with ten thousand routes is compiled, and soon', () => {
    const route = (i: number) => `
  - path: /Area${i % 100}/thing${i}/{id}
    methods: [GET, POST]
    upstream: shop
    authenticate: [apiKey]
    rateLimit: { limit: 100/min, per: principal }`
    const routes = Array.from({ length: 10_000 }, (_, i) => route(i)).join('')
    const { routes: compiled } = within(20, () => compile(`${head}routes:${routes}\n`))
    assert.equal(compiled.length, 10_000)
    // Ten thousand times the same path and host are found out just as soon.
    const hosts = (i: number) =>
      `\n  - { path: /same, hosts: [h${i % 9_000}.example.com], upstream: shop, authenticate: [apiKey] }`
    const many = Array.from({ length: 10_000 }, (_, i) => hosts(i)).join('')
    assert.equal(within(20, () => refuse(`${head}routes:${many}\n`)).match(/matches the same requests/g)?.length, 1000)
  })
})
