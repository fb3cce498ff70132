import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'

// A tree of its own with one local dependency, so that `npm ci` really runs and needs no network.
let root: string

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'bootstrap-'))
  const from = join(import.meta.dirname, '..')
  await cp(join(from, 'bootstrap.mjs'), join(root, 'tools/bootstrap.mjs'))
  for (const file of ['start', 'install', 'lock', 'child', 'node-binary']) {
    await cp(join(from, `bootstrap/${file}.mjs`), join(root, `tools/bootstrap/${file}.mjs`))
  }
  await depend('1.0.0')
})

after(() => rm(root, { recursive: true, force: true }))

test('a fresh tree is installed once, however many processes start at the same time', async () => {
  const runs = await Promise.all([1, 2, 3].map(() => run(['-p', 'require("part/package.json").version'])))
  assert.deepEqual(
    runs.map(({ code, stdout }) => [code, stdout.trim()]),
    Array(3).fill([0, '1.0.0']),
  )
  assert.equal(runs.filter(({ stderr }) => stderr.includes('Installing packages')).length, 1)
})

test('an installed tree is left alone, without npm and the network', async () => {
  const { code, stderr } = await run(['-e', ''], { PATH: '', npm_execpath: '' })
  assert.equal(code, 0)
  assert.equal(stderr, '')
})

test('a changed lock file installs again', async () => {
  await depend('1.0.1')
  const { stdout, stderr } = await run(['-p', 'require("part/package.json").version'])
  assert.match(stderr, /Installing packages/)
  assert.equal(stdout.trim(), '1.0.1')
})

test('an install that fails says so and is tried again the next time', async () => {
  await depend('1.0.2')
  const broken = await run(['-e', ''], { npm_execpath: join(root, 'npm-cli.js') })
  assert.equal(broken.code, 1)
  assert.match(broken.stderr, /npm ci failed/)
  assert.equal((await run(['-p', 'require("part/package.json").version'])).stdout.trim(), '1.0.2')
})

test('a lock left by a process that was killed is taken over', async () => {
  await depend('1.0.3')
  await writeFile(join(root, '.portcullis/install.lock'), '')
  const { code, stderr } = await run(['-e', ''])
  assert.equal(code, 0)
  assert.match(stderr, /waiting for it/)
})

test('arguments, exit code and standard streams pass through', async () => {
  const { code, stdout } = await run(['-e', 'console.log(process.argv.slice(1).join()); process.exit(7)', 'a b', 'c'])
  assert.equal(code, 7)
  assert.equal(stdout.trim(), 'a b,c')
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} reaches the program, which decides how to end`, async () => {
    const source = `process.on('${signal}', () => { console.log('stopped'); process.exit(3) }); setInterval(() => {}, 1000); console.log('up')`
    const child = bootstrap(['-e', source])
    const output = collect(child)
    await once(child.stdout!, 'data')
    child.kill(signal)
    const [code] = await once(child, 'close')
    assert.equal(code, 3)
    assert.equal((await output).stdout, 'up\nstopped\n')
  })
}

test('a program that dies by a signal is seen to have died by it', async () => {
  const child = bootstrap(['-e', 'process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1000)'])
  assert.deepEqual(await once(child, 'close'), [null, 'SIGTERM'])
})

async function depend(version: string): Promise<void> {
  const part = { name: 'part', version, license: 'Apache-2.0' }
  await writeJson('part/package.json', part)
  const project = { name: 'project', version: '1.0.0', workspaces: ['part'] }
  await writeJson('package.json', project)
  await writeJson('package-lock.json', {
    ...project,
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': project,
      'node_modules/part': { resolved: 'part', link: true },
      part: { version, license: 'Apache-2.0' },
    },
  })
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), JSON.stringify(value))
}

function bootstrap(args: string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, [join(root, 'tools/bootstrap.mjs'), ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function run(args: string[], env?: NodeJS.ProcessEnv): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = bootstrap(args, env)
  const output = collect(child)
  const [code] = await once(child, 'close')
  return { code, ...(await output) }
}

async function collect(child: ChildProcess): Promise<{ stdout: string; stderr: string }> {
  const read = async (stream: NodeJS.ReadableStream) => {
    let text = ''
    for await (const chunk of stream) text += chunk
    return text
  }
  const [stdout, stderr] = await Promise.all([read(child.stdout!), read(child.stderr!)])
  return { stdout, stderr }
}
