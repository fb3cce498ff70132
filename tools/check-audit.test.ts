import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

const root = mkdtempSync(join(tmpdir(), 'audit-'))
after(() => rmSync(root, { recursive: true }))

before(() => {
  const manifest = { name: 'audited', version: '1.0.0', dependencies: { weak: '1.0.0' } }
  const packages = { '': manifest, 'node_modules/weak': { version: '1.0.0', integrity: 'sha512-' } }
  writeFileSync(join(root, 'package.json'), JSON.stringify(manifest))
  writeFileSync(
    join(root, 'package-lock.json'),
    JSON.stringify({ ...manifest, lockfileVersion: 3, requires: true, packages }),
  )
})

test('nothing known passes', async () => {
  const { code, stdout } = await auditAt({})
  assert.equal(code, 0)
  assert.match(stdout, /no vulnerability/)
})

test('a moderate vulnerability fails', async () => {
  const { code, stdout } = await auditAt({ weak: [advisory('moderate')] })
  assert.equal(code, 1)
  assert.match(stdout, /1 moderate/)
})

test('a low one passes', async () => {
  assert.equal((await auditAt({ weak: [advisory('low')] })).code, 0)
})

test('a registry that refuses is reported as such, neither as a pass nor as a failure', async () => {
  const { code, stdout } = await auditAt(405)
  assert.equal(code, 75)
  assert.match(stdout, /^NOT AUDITED: .*405/)
})

function advisory(severity: string): object {
  return { id: 1, url: 'https://example.com/1', title: 'weak', severity, vulnerable_versions: '<2.0.0' }
}

/** Audits against a registry of its own that answers with these advisories, or with this status. */
async function auditAt(answer: object | number): Promise<{ code: number; stdout: string }> {
  const registry = createServer((request, response) => {
    request.resume()
    const isAudit = request.url?.endsWith('/advisories/bulk')
    if (isAudit && typeof answer === 'number') response.statusCode = answer
    const document = isAudit ? answer : { name: 'weak', versions: { '1.0.0': { name: 'weak', version: '1.0.0' } } }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(document))
  })
  await once(registry.listen(0, '127.0.0.1'), 'listening')
  const { port } = registry.address() as { port: number }
  const env = {
    ...process.env,
    npm_config_registry: `http://127.0.0.1:${port}/`,
    npm_config_cache: mkdtempSync(join(root, 'cache-')),
  }
  const child = spawn(process.execPath, [join(import.meta.dirname, 'check-audit.ts'), root], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let stdout = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  const [code] = await once(child, 'close')
  registry.close()
  return { code, stdout }
}
