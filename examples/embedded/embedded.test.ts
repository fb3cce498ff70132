import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'

const here = import.meta.dirname
const command = join(here, '../../src/cli/main.ts')

let folder: string
let policyFile: string
/** Of a caller without a role, and of one that may order. */
let strangerKey: string
let customerKey: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-embedded-'))
  policyFile = join(folder, 'portcullis.yaml')
  await copyFile(join(here, 'portcullis.yaml'), policyFile)
  strangerKey = await createKey('--owner', 'stranger')
  customerKey = await createKey('--owner', 'me', '--role', 'customer')
})
after(() => rm(folder, { recursive: true }))

/** Runs the command line as README.md does. */
async function portcullis(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=source', command, ...args])
  return stdout
}

async function createKey(...args: string[]): Promise<string> {
  const created = await portcullis('keys', 'create', '-c', policyFile, '--json', ...args)
  return JSON.parse(created).key
}

test('the policy file is one of an embedded application', async () => {
  assert.match(await portcullis('check', '--embedded', policyFile), /: valid, /)
})

for (const program of ['node-server.ts', 'express-server.ts']) {
  describe(program, () => {
    const child = () =>
      spawn(process.execPath, ['--conditions=source', join(here, program)], {
        env: { ...process.env, PORT: '0', POLICY_FILE: policyFile },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
    let running: ReturnType<typeof child>
    let url = ''

    before(async () => {
      running = child()
      const lines = createInterface(running.stdout!)
      const [line] = await once(lines, 'line')
      url = /^ready (http:\/\/127\.0\.0\.1:\d+)$/.exec(line)![1]!
    })
    after(() => running.kill('SIGKILL'))

    const order = (key: string | null, body: string) =>
      fetch(`${url}/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(key !== null && { 'x-api-key': key }) },
        body,
      })

    test('lets anyone ask for its health, and nothing else', async () => {
      const health = await fetch(`${url}/health`)
      assert.equal(health.status, 200)
      assert.equal(health.headers.get('x-content-type-options'), 'nosniff')
      assert.equal((await fetch(`${url}/orders`)).status, 401)
      assert.equal((await fetch(`${url}/admin`)).status, 404)
    })

    test('takes an order from a caller with the role, and from nobody else', async () => {
      assert.equal((await order(null, '{"product":"tea"}')).status, 401)
      assert.equal((await order(strangerKey, '{"product":"tea"}')).status, 403)
      const taken = await order(customerKey, '{"product":"tea"}')
      assert.equal(taken.status, 201, await taken.clone().text())
      const listed = await fetch(`${url}/orders`, { headers: { authorization: `Bearer ${customerKey}` } })
      assert.deepEqual(await listed.json(), { orders: [{ id: 1, owner: 'me', product: 'tea' }] })
      assert.equal((await order(customerKey, '{}')).status, 422)
    })

    test('refuses a body that is too long', async () => {
      const refused = await order(customerKey, JSON.stringify({ product: 'x'.repeat(20_000) }))
      assert.equal(refused.status, 413)
      assert.equal(((await refused.json()) as { type: string }).type, 'urn:problem-type:content-too-large')
    })

    test('stops when it is told to', async () => {
      running.kill('SIGTERM')
      assert.deepEqual(await once(running, 'exit'), [0, null])
    })
  })
}
