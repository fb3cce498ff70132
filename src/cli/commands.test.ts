import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, mock, test } from 'node:test'
import { type Command, CommanderError } from 'commander'
import { createCheckCommand } from './check.ts'
import { createDiffCommand } from './diff.ts'
import { createExplainCommand } from './explain.ts'
import { createInitCommand } from './init.ts'

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

const commands: Readonly<Record<string, () => Command>> = {
  init: createInitCommand,
  check: createCheckCommand,
  diff: createDiffCommand,
  explain: createExplainCommand,
}

/** Runs one command in this process, which spares most of a second each time. */
async function portcullis(name: string, ...args: string[]) {
  let stdout = ''
  let stderr = ''
  let status: number | null = null
  const log = mock.method(console, 'log', (text: string) => {
    stdout += `${text}\n`
  })
  const error = mock.method(console, 'error', (text: string) => {
    stderr += `${text}\n`
  })
  const command = (commands[name] as () => Command)()
    .showHelpAfterError()
    .configureOutput({ writeOut: (text) => (stdout += text), writeErr: (text) => (stderr += text) })
    .exitOverride((wrong) => {
      status = wrong.exitCode === 0 ? 0 : 2
      throw wrong
    })
  const before = process.cwd()
  process.chdir(folder)
  try {
    await command.parseAsync(args, { from: 'user' })
  } catch (wrong) {
    if (!(wrong instanceof CommanderError)) throw wrong
  } finally {
    process.chdir(before)
    log.mock.restore()
    error.mock.restore()
    status ??= Number(process.exitCode ?? 0)
    process.exitCode = 0
  }
  return { status, stdout, stderr }
}

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
  const cases = [['nonsense'], ['check', '--nonsense'], ['diff', 'only-one.yaml'], ['explain', 'GET', '/', '-H', 'x']]
  for (const args of cases) {
    test(`ends with 2 and its usage for: ${args.join(' ')}`, () => {
      const { status, stdout, stderr } = spawn(...args)
      assert.equal(status, 2)
      assert.match(stderr, /^error: /)
      assert.match(stderr, /^Usage: portcullis/m)
      assert.equal(stdout, '')
    })
  }

  test('ends with 2 for a wrong policy file', () => {
    const { status, stderr } = spawn('check', write('wrong.yaml', 'version: 3\n'))
    assert.equal(status, 2)
    assert.match(stderr, /^wrong\.yaml:1:10: version 3 is not known$/m)
  })

  test('tells of its commands and its version', () => {
    const help = spawn('--help')
    assert.equal(help.status, 0)
    for (const name of Object.keys(commands)) assert.match(help.stdout, new RegExp(`^  ${name} `, 'm'))
    const version = spawn('--version')
    assert.equal(version.status, 0)
    assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/)
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

  test('is one that keys are made for', () => {
    const { status, stdout, stderr } = spawn('keys', 'create', '--owner', 'shop', '-c', embedded())
    assert.equal(status, 0, stderr)
    assert.match(stdout, /^pck_/m)
  })

  test('names no address that prove could attack', () => {
    const { status, stderr } = spawn('prove', '--embedded', '-c', embedded())
    assert.equal(status, 2)
    assert.match(stderr, /say with --url where it answers/)
  })

  test('proves nothing where nobody answers', () => {
    const { status } = spawn('prove', '--embedded', '-c', embedded(), '--url', 'http://127.0.0.1:9')
    assert.equal(status, 1)
  })
})

describe('wrong use', () => {
  const cases = [
    ['check', 'a', 'b'],
    ['explain', 'GET'],
    ['explain', 'G T', '/'],
    ['explain', 'GET', 'ftp://example.com'],
    ['explain', 'GET', 'https://user@example.com/'],
    ['explain', 'GET', '/', '-H', 'no colon'],
    ['explain', 'GET', '/', '--client', 'nowhere'],
    ['init', '--upstream', 'http://127.0.0.1/api'],
    ['init', '--upstream', 'nonsense'],
  ] as [string, ...string[]][]
  for (const args of cases) {
    test(`ends with 2: ${args.join(' ')}`, async () => {
      const { status, stdout, stderr } = await portcullis(...args)
      assert.equal(status, 2)
      assert.match(stderr, /^error: /)
      assert.match(stderr, /^Usage: /m)
      assert.equal(stdout, '')
    })
  }
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
    assert.equal((await portcullis('check', 'shop.yaml')).status, 0)
    const json = write('api.json', JSON.stringify({ openapi: '3.0.1', paths: { '/a': { get: {} } } }))
    assert.match((await portcullis('init', '--openapi', json, '--output', '-')).stdout, /path: \/a$/m)
  })

  test('refuses what is no OpenAPI 3 document', async () => {
    for (const text of ['swagger: "2.0"\n', '- a list\n', 'a: [1\n', 'openapi: 4.0.0\n']) {
      const { status, stderr } = await portcullis(
        'init',
        '--openapi',
        write('wrong.yaml', text),
        '--output',
        'never.yaml',
      )
      assert.equal(status, 2)
      assert.match(stderr, /^wrong\.yaml: /)
    }
    assert.match((await portcullis('init', '--openapi', 'missing.yaml')).stderr, /^missing\.yaml: ENOENT/)
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
