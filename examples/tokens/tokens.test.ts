import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { runCli } from '../../test/support/run-cli.ts'
import { serveGateway } from '../../test/support/served-gateway.ts'
import { startUpstreamServer } from '../../test/support/upstream-server.ts'

const run = promisify(execFile)
const here = import.meta.dirname

async function issue(folder: string, url: string): Promise<Record<string, string>> {
  const args = ['--conditions=source', join(here, 'issue.ts'), join(folder, 'keys.json'), url]
  const { stdout } = await run(process.execPath, args)
  return Object.fromEntries([...stdout.matchAll(/^(\w+)=(.+)$/gm)].map(([, name, value]) => [name, value]))
}

test('what the page says comes true', async () => {
  const upstream = await startUpstreamServer()
  let tokens: Record<string, string> = {}
  const gateway = await serveGateway(async (folder) => {
    tokens = await issue(folder, 'http://127.0.0.1:8080/payments')
    const file = await readFile(join(here, 'portcullis.yaml'), 'utf8')
    return file.replace('http://127.0.0.1:4000', upstream.url).replace('port: 8080', 'port: 0')
  })
  const call = async (path: string, headers: Record<string, string>) => {
    // The port of this run is another one, and clients call by what stands in their proofs.
    const { stdout } = await run('curl', [
      ...['-s', '-o', '/dev/null', '-w', '%{http_code}', '-H', 'Host: 127.0.0.1:8080'],
      ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
      `${gateway.urls[0]}${path}`,
    ])
    return Number(stdout)
  }
  try {
    const bearer = { Authorization: `Bearer ${tokens.BEARER}` }
    const proved = { Authorization: `DPoP ${tokens.BOUND}`, DPoP: tokens.PROOF ?? '' }
    assert.equal(await call('/orders', bearer), 200)
    assert.equal(await call('/payments', bearer), 401)
    assert.equal(await call('/orders', { Authorization: `Bearer ${tokens.BOUND}` }), 401)
    assert.equal(await call('/payments', proved), 200)
    assert.equal(await call('/payments', proved), 401)
    const revoked = await runCli(gateway.folder, 'tokens', 'revoke', '--issuer', 'main', '--jti', 'token-1')
    assert.equal(revoked.status, 0)
    await sleep(1000)
    assert.equal(await call('/orders', bearer), 401)
  } finally {
    await gateway.stop()
    await upstream.close()
  }
})
