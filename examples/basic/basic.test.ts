import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { test } from 'node:test'
import { createPasswordHasher } from '../../src/crypto/passwords/password-hasher.ts'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { eventually } from '../../test/support/eventually.ts'
import { runCli } from '../../test/support/run-cli.ts'
import { serveGateway } from '../../test/support/served-gateway.ts'
import { startUpstreamServer } from '../../test/support/upstream-server.ts'

const password = 'a sentence of several words'

test('an account may do what the page says, and guessing elsewhere does not lock it out', async () => {
  const upstream = await startUpstreamServer()
  const file = readFileSync(join(import.meta.dirname, 'portcullis.yaml'), 'utf8')
  const gateway = await serveGateway(
    file.replace('port: 8443', 'host: 127.0.0.1, port: 0').replace('http://127.0.0.1:3000', upstream.url),
  )
  const users = async (...args: string[]) => {
    const { status, stdout, stderr } = await runCli(gateway.folder, 'users', ...args, '--json')
    assert.equal(status, 0, stderr)
    return JSON.parse(stdout)
  }
  const ca = readFileSync(join(gateway.folder, 'data', 'dev-certificate.pem'))
  const status = (path: string, secret: string, localAddress = '127.0.0.1') =>
    new Promise<number>((resolve, reject) => {
      const url = `${(gateway.urls[0] as string).replace('localhost', '127.0.0.1')}${path}`
      const options = { ca, servername: 'localhost', localAddress, auth: `ann:${secret}`, agent: false as const }
      request(url, options, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
        .on('error', reject)
        .end()
    })
  try {
    // What the prompt does: standard input is the runner's here.
    await users('create', 'ann', '--role', 'customer', '--no-password')
    const hasher = createPasswordHasher({ threads: 1 })
    const store = await openSqliteStore({ path: join(gateway.folder, 'data', 'portcullis.db') })
    const account = await store.accounts.findByUsername(null, 'ann')
    await store.accounts.setPassword(account?.id as string, await hasher.hash(password), Date.now())
    store.close()
    await hasher.close()

    assert.equal(await status('/orders', password), 200)
    assert.equal(await status('/reports', password), 403)
    const guesses: number[] = []
    for (let i = 0; i < 12; i++) guesses.push(await status('/orders', `guess ${i}`, `127.0.5.${i + 1}`))
    assert.deepEqual(guesses.slice(0, 6), Array(6).fill(401))
    assert.ok(guesses.slice(6).includes(429), String(guesses))
    assert.equal(await status('/orders', 'a typing error'), 401)
    assert.equal(await status('/orders', password), 200)
    await users('disable', 'ann')
    await eventually('she is kept out', async () => (await status('/orders', password)) === 401, 5000)
    await users('enable', 'ann')
    assert.equal(await status('/orders', password), 200)
  } finally {
    await gateway.stop()
    await upstream.close()
  }
})
