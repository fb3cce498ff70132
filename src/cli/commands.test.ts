import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { Command } from 'commander'
import { everyCommand, runCli } from '../../test/support/run-cli.ts'
import { createProgram } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-cli-'))
after(() => rmSync(folder, { recursive: true }))

const main = join(import.meta.dirname, 'main.ts')

/** Runs the program as a person would, in the temporary folder. */
function spawn(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=source', main, ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  })
  return { status, stdout, stderr }
}

const portcullis = (...args: readonly string[]) => runCli(folder, ...args)

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return name
}

const routes = (rest: string) => `version: 1
listen: { https: { certificate: dev } }
upstreams: { shop: { targets: [http://127.0.0.1:3000] } }
routes:
  - { path: /orders, methods: [GET], upstream: shop, authenticate: [apiKey], ${rest} }
`

describe('the program', () => {
  test('ends with 2 and its usage for what it does not know', () => {
    const { status, stdout, stderr } = spawn('check', '--nonsense')
    assert.equal(status, 2)
    assert.match(stderr, /^error: unknown option '--nonsense'\n/)
    assert.match(stderr, /^Usage: portcullis check/m)
    assert.equal(stdout, '')
  })

  test('ends with 2 for a wrong policy file, which neither check nor serve starts anything of', () => {
    const file = write('wrong.yaml', 'version: 3\n')
    for (const args of [
      ['check', file],
      ['serve', '--config', file],
    ]) {
      const { status, stdout, stderr } = spawn(...args)
      assert.equal(status, 2)
      assert.equal(stdout, '')
      assert.match(stderr, /^wrong\.yaml:1:10: version 3 is not known$/m)
    }
  })

  test('tells its version, and says nothing to a reader that has left', () => {
    const version = spawn('--version')
    assert.equal(version.status, 0)
    assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/)
    const shell = `${process.execPath} --conditions=source ${main} --help | true`
    assert.equal(spawnSync('sh', ['-c', shell], { encoding: 'utf8' }).stderr, '')
  })

  test('explains each command, with an example that it understands and its exit codes', async () => {
    const program = createProgram('0.0.0')
    const names = everyCommand(program).map((one) => nameOf(one))
    assert.deepEqual(names, [
      ...['', 'init', 'serve', 'check', 'diff', 'explain', 'can', 'test', 'prove'],
      ...['keys', 'keys create', 'keys list', 'keys show', 'keys update', 'keys rotate', 'keys disable', 'keys enable'],
      ...[
        'keys revoke',
        'keys identify',
        'keys import',
        'users',
        'users create',
        'users list',
        'users show',
        'users update',
        'users password',
        'users sign-out',
        'users disable',
        'users enable',
        'users unlock',
        'users reset-factors',
        'users remove',
        'users export',
        'users invite',
        'users invitations',
        'users uninvite',
        'users import',
        'clients',
        'clients add',
        'clients invite',
        'clients list',
        'clients show',
        'clients update',
        'clients disable',
        'clients enable',
        'clients rotate',
        'clients remove',
        'sessions',
        'sessions list',
        'sessions revoke',
        'consents',
        'consents list',
        'consents revoke',
        'roles',
        'roles list',
        'roles show',
        'roles create',
        'roles remove',
      ],
      ...['roles grant', 'roles revoke', 'roles assignments', 'tokens', 'tokens revoke', 'tokens revoked'],
      ...['tokens revoked list', 'migrate', 'audit', 'audit list'],
      ...['secrets', 'secrets status', 'secrets rotate', 'secrets reencrypt', 'doctor', 'demo'],
    ])
    for (const command of everyCommand(program)) {
      const name = nameOf(command)
      const { status, stdout } = await portcullis(...name.split(' ').filter(Boolean), '--help')
      assert.equal(status, 0, name)
      assert.match(stdout, /^Exit codes:\n {2}0 {2}/m, name)
      const examples = [...stdout.matchAll(/^ {2}portcullis (.+?) {2}# /gm)].map(([, line = '']) => line)
      assert.notEqual(examples.length, 0, name)
      for (const line of examples) assert.equal(await understands(line), true, line)
      for (const option of command.options) assert.ok(option.description, `${name} ${option.flags}`)
    }
  })
})

function nameOf(command: Command): string {
  return command.parent === null ? '' : `${nameOf(command.parent)} ${command.name()}`.trim()
}

/** Parses a command line without running it. */
async function understands(line: string): Promise<boolean> {
  const program = createProgram('0.0.0')
  for (const one of everyCommand(program)) if (one.commands.length === 0) one.action(() => {})
  const args = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
  return await program.parseAsync(args, { from: 'user' }).then(
    () => true,
    () => false,
  )
}

describe('wrong use', () => {
  const cases: [string, RegExp][] = [
    ['nonsense', /unknown command 'nonsense'/],
    ['chek', /unknown command 'chek'\n\(Did you mean check\?\)/],
    ['keys lst', /unknown command 'lst'\n\(Did you mean list\?\)/],
    ['--nope', /unknown option '--nope'/],
    ['init extra', /too many arguments/],
    ['init --upstream', /argument missing/],
    ['init --upstream http://127.0.0.1/api', /must end after host and port/],
    ['init --upstream nonsense', /must be an address/],
    ['init --openapi', /argument missing/],
    ['init --ouput x', /Did you mean --output\?/],
    ['serve extra', /too many arguments/],
    ['serve --config', /argument missing/],
    ['check a b', /too many arguments/],
    ['check a --config b', /name the policy file once/],
    ['check --jsn', /Did you mean --json\?/],
    ['diff', /missing required argument 'before'/],
    ['diff only-one.yaml', /missing required argument 'after'/],
    ['diff a b c', /too many arguments/],
    ['explain', /missing required argument 'method'/],
    ['explain GET', /missing required argument 'url'/],
    ["explain 'G T' /", /not a method/],
    ['explain GET ftp://example.com', /not a URL/],
    ['explain GET https://user@example.com/', /not a URL/],
    ["explain GET / -H 'no colon'", /not a header field/],
    ["explain GET / -H 'a: b\r\nc: d'", /not a header field/],
    ['explain GET / --client nowhere', /not an address/],
    ['prove extra', /too many arguments/],
    ['prove --url nonsense', /It is a URL/],
    ['prove --header x', /"Name: value"/],
    ['prove --key main', /a name and a reference, such as main=file:/],
    ['prove --ca nowhere.pem', /cannot be read \(ENOENT\)/],
    ['keys create', /required option '--owner/],
    ['keys create --owner', /argument missing/],
    ['keys show', /missing required argument 'id'/],
    ['keys rotate x --overlap soon', /not a duration/],
    ['keys list --cidr 10.0.0.0/8', /unknown option/],
    ['tokens revoke --jti x', /required option '--issuer/],
    ['tokens revoke --issuer main', /say what is to be revoked/],
    ['tokens revoke --issuer main --jti x --subject y', /cannot be used with/],
    ['tokens revoke --issuer main --jti x --until soon', /neither a duration/],
    ['demo extra', /too many arguments/],
  ]
  for (const [line, message] of cases) {
    test(`ends with 2: ${line.replaceAll('\r\n', '⏎')}`, async () => {
      const args = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
      const { status, stdout, stderr } = await portcullis(...args)
      assert.equal(status, 2)
      assert.match(stderr, /^error: /)
      assert.match(stderr, message)
      assert.match(stderr, /^Usage: portcullis/m)
      assert.equal(stdout, '')
    })
  }

  test('without a command shows the commands', async () => {
    for (const args of [[], ['keys'], ['help', 'nonsense']]) {
      const { status, stdout, stderr } = await portcullis(...args)
      assert.equal(status, 2)
      assert.match(stderr, /^Commands:$/m)
      assert.equal(stdout, '')
    }
  })
})

describe('the file of an application that embeds Portcullis', () => {
  const embedded = () =>
    write(
      'embedded.yaml',
      `version: 1
data: sqlite:embedded/portcullis.db
routes: [{ path: /orders, methods: [GET], authenticate: [apiKey] }]
`,
    )

  test('is one that keys are made for', async () => {
    const { status, stdout, stderr } = await portcullis('keys', 'create', '--owner', 'shop', '-c', embedded())
    assert.equal(status, 0, stderr)
    assert.match(stdout, /^pck_/m)
  })

  test('names no address that prove could attack', async () => {
    const { status, stderr } = await portcullis('prove', '--embedded', '-c', embedded())
    assert.equal(status, 2)
    assert.match(stderr, /say with --url where it answers/)
  })

  test('takes no private key for a name that the file does not have', async () => {
    const where = ['--embedded', '-c', embedded(), '--url', 'http://127.0.0.1:9']
    const { status, stderr } = await portcullis('prove', ...where, '--key', 'mian=env:NOTHING')
    assert.equal(status, 2)
    assert.match(stderr, /"mian" is neither an issuer under `issuers` nor a `keyId`/)
  })

  test('proves nothing where nobody answers', async () => {
    const { status } = await portcullis('prove', '--embedded', '-c', embedded(), '--url', 'http://127.0.0.1:9')
    assert.equal(status, 1)
  })
})

describe('init', () => {
  test('writes a file that check accepts, and never over one that is there', async () => {
    const first = await portcullis('init', '--upstream', 'http://127.0.0.1:4000')
    assert.equal(first.status, 0, first.stderr)
    const path = join(folder, 'portcullis.yaml')
    assert.match(readFileSync(path, 'utf8'), /targets: \[http:\/\/127\.0\.0\.1:4000\]/)
    assert.equal((await portcullis('check')).status, 0)

    writeFileSync(path, '# mine\n')
    const second = await portcullis('init')
    assert.equal(second.status, 1)
    assert.match(second.stderr, /is there already; --force writes over it/)
    assert.equal(readFileSync(path, 'utf8'), '# mine\n')
    assert.equal((await portcullis('init', '--force')).status, 0)
    assert.match(readFileSync(path, 'utf8'), /^version: 1$/m)
    rmSync(path)
  })

  test('makes routes of an OpenAPI document, YAML or JSON', async () => {
    const shop = join(import.meta.dirname, '../../examples/shop/openapi.yaml')
    const fromYaml = await portcullis('init', '--openapi', shop, '--output', 'shop.yaml')
    assert.equal(fromYaml.status, 0, fromYaml.stderr)
    assert.match(readFileSync(join(folder, 'shop.yaml'), 'utf8'), /^ {2}validate: \{ openapi: .*openapi\.yaml \}$/m)
    assert.equal((await portcullis('check', 'shop.yaml')).status, 0)
    const json = write('api.json', JSON.stringify({ openapi: '3.0.1', paths: { '/a': { get: {} } } }))
    assert.match((await portcullis('init', '--openapi', json, '--output', '-')).stdout, /path: \/a$/m)
  })

  test('says why requests are not held to a document', async () => {
    const schema = { type: 'string', pattern: '^(?=a)b' }
    const get = { parameters: [{ in: 'query', name: 'q', schema }], responses: { 200: { description: 'fine' } } }
    const odd = write('odd.json', JSON.stringify({ openapi: '3.1.0', paths: { '/a': { get } } }))
    const { status, stdout, stderr } = await portcullis('init', '--openapi', odd, '--output', '-')
    assert.equal(status, 0, stderr)
    assert.match(stderr, /^warning: requests are not held to the document: odd\.json:\d+:\d+: /)
    assert.match(stdout, /^# - requests are not held to the document/m)
    assert.doesNotMatch(stdout, /validate:/)
  })

  test('refuses what is no OpenAPI 3 document', async () => {
    const laughs = Array.from({ length: 12 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(9)}]\n`).join('')
    const wrong = {
      'swagger: "2.0"\n': /wrong\.yaml:1:10: .*this is Swagger 2\.0; OpenAPI 3\.0, 3\.1 and 3\.2 are read/,
      'openapi: 4.0.0\n': /4\.0\.0/,
      '- a list\n': /no OpenAPI document/,
      'a: [1\n': /wrong\.yaml:2:1: ./,
      '{ "a": \u001b }': /wrong\.yaml:1:\d+: ./,
      'a: 1\n': /no OpenAPI document/,
      [`openapi: 3.1.0\nl0: &l0 x\n${laughs}`]: /Excessive alias count/,
    }
    for (const [text, message] of Object.entries(wrong)) {
      const { status, stderr } = await portcullis(
        'init',
        '--openapi',
        write('wrong.yaml', text),
        '--output',
        'never.yaml',
      )
      assert.equal(status, 2)
      assert.match(stderr, message)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there
      assert.doesNotMatch(stderr, /\u001b/)
    }
    assert.match(
      (await portcullis('init', '--openapi', 'missing.yaml')).stderr,
      /^missing\.yaml: there is no such file/,
    )
  })
})

describe('check', () => {
  test('prints every error with its place, and starts nothing', async () => {
    const file = write(
      'wrong-file.yaml',
      routes('rateLimits: { limit: 5/min }').replace('upstream: shop', 'upstream: shpo'),
    )
    const { status, stderr, stdout } = await portcullis('check', file)
    assert.equal(status, 2)
    assert.equal(stdout, '')
    assert.match(stderr, /^wrong-file\.yaml:5:48: there is no upstream "shpo"\n {4}Did you mean "shop"\?$/m)
    assert.match(stderr, /^wrong-file\.yaml:5:\d+: unknown key "rateLimits"\n {4}Did you mean "rateLimit"\?$/m)
    const { errors } = JSON.parse((await portcullis('check', file, '--json')).stdout)
    assert.equal(errors.length, 2)
    assert.deepEqual(errors[0].position, { file, line: 5, column: 48 })
  })

  test('names a file that is not there', async () => {
    const { status, stderr } = await portcullis('check', 'nowhere.yaml')
    assert.equal(status, 2)
    assert.match(stderr, /^nowhere\.yaml: there is no such file/)
  })

  test('lists what weakens', async () => {
    const file = write('weak.yaml', routes('loosen: { bodyLimits: { maxBytes: 1GiB, reason: large orders } }'))
    const { status, stdout } = await portcullis('check', file)
    assert.equal(status, 0)
    assert.match(stdout, /^Looser than inherited:\n {2}line 5: GET \/orders: bodyLimits .* \(large orders\)$/m)
    assert.match(stdout, /^weak\.yaml: valid, 2 routes, 1 upstream$/m)
  })

  test('warns of secrets that are not here, and with --strict fails', async () => {
    const issuers =
      'issuers: { main: { issuer: https://login.example.com/, audience: shop, keys: [env:CLIENT_KEYS] } }\n'
    const file = write('secret.yaml', `${issuers}${routes('rateLimit: 5/min')}`)
    const { status, stdout } = await portcullis('check', file)
    assert.equal(status, 0)
    assert.match(stdout, /warning: env:CLIENT_KEYS: the environment variable is not set here/)
    assert.equal((await portcullis('check', file, '--strict')).status, 1)
  })

  test('reads a module', async () => {
    const source = "export default { version: 1, listen: { https: { certificate: 'dev' } } } satisfies object\n"
    assert.equal((await portcullis('check', write('portcullis.config.ts', source))).status, 0)
  })
})

describe('diff', () => {
  const strict = () => write('strict.yaml', routes('rateLimit: { limit: 5/min }'))
  const loose = () => write('loose.yaml', routes('rateLimit: { limit: 50/min }'))

  test('ends with 1 where something weakens', async () => {
    const { status, stdout } = await portcullis('diff', strict(), loose())
    assert.equal(status, 1)
    assert.equal(stdout, 'weakens         GET /orders: rateLimit: limit: 5 per 1m → 50 per 1m\n')
    const json = JSON.parse((await portcullis('diff', strict(), loose(), '--json')).stdout)
    assert.equal(json.weakens, true)
    assert.equal(json.changes[0].effect, 'weakens')
  })

  test('ends with 0 where nothing does', async () => {
    assert.equal((await portcullis('diff', loose(), strict())).status, 0)
    assert.equal((await portcullis('diff', strict(), strict())).stdout, 'no difference\n')
  })

  test('ends with 2 where a file cannot be read', async () => {
    assert.equal((await portcullis('diff', strict(), 'nowhere.yaml')).status, 2)
  })
})

describe('explain', () => {
  test('says which route answers, and shows no credential', async () => {
    const file = write('explained.yaml', routes('rateLimit: { limit: 5/min }'))
    const args: [string, ...string[]] = [
      'explain',
      'get',
      'https://api.example.com/orders',
      '-c',
      file,
      '-H',
      'X-API-Key: hunter2',
    ]
    const { status, stdout, stderr } = await portcullis(...args)
    assert.equal(status, 0, stderr)
    assert.match(stdout, /^route {5}GET \/orders, explained\.yaml:5$/m)
    assert.doesNotMatch(stdout, /hunter2/)
    const json = JSON.parse((await portcullis(...args, '--json')).stdout)
    assert.equal(json.route.id, 'GET /orders')
    assert.doesNotMatch(JSON.stringify(json), /hunter2/)
  })
})
