import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { fakePolicies } from '../../test/support/fake-policies.ts'
import { loadPolicyFile } from './load-policy-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-config-'))
after(() => rmSync(folder, { recursive: true }))

async function load(name: string, content: string | Uint8Array) {
  const path = join(folder, name)
  writeFileSync(path, content)
  return await loadPolicyFile(path, { policies: fakePolicies })
}

async function firstError(name: string, content: string | Uint8Array): Promise<string> {
  const result = await load(name, content)
  assert.ok(!result.ok)
  return result.errors[0]?.message ?? ''
}

const good = 'version: 1\nlisten: { https: { certificate: dev } }\n'

describe('a file', () => {
  test('is read', async () => {
    const result = await load('good.yaml', good)
    assert.ok(result.ok)
    assert.equal(result.snapshot.baseFolder, folder)
  })

  test('may begin with a byte order mark', async () => {
    assert.ok((await load('mark.yaml', `\ufeff${good}`)).ok)
  })

  test('that is not UTF-8 is refused', async () => {
    assert.match(await firstError('latin.yaml', Buffer.from('version: 1 # caf\xe9\n', 'latin1')), /not UTF-8/)
    assert.match(await firstError('utf16.yaml', Buffer.from(`\ufeff${good}`, 'utf16le')), /not UTF-8/)
  })

  test('of more than 4 MiB is refused, of exactly that size it is not', async () => {
    const fill = (bytes: number) => good + '#'.repeat(bytes - good.length)
    assert.ok((await load('full.yaml', fill(4 * 1024 * 1024))).ok)
    assert.match(await firstError('large.yaml', fill(4 * 1024 * 1024 + 1)), /larger than 4 MiB/)
  })

  test('that is missing or no file is refused', async () => {
    const missing = await loadPolicyFile(join(folder, 'missing.yaml'))
    assert.ok(!missing.ok)
    assert.match(missing.errors[0]?.message ?? '', /there is no such file/)
    assert.equal(await firstError('empty.yaml', ''), 'the file is empty')
    const device = await loadPolicyFile('/dev/zero')
    assert.ok(!device.ok)
    assert.match(device.errors[0]?.message ?? '', /not a regular file/)
    const pipe = join(folder, 'pipe.yaml')
    if (spawnSync('mkfifo', [pipe]).status === 0) {
      const isPipe = await loadPolicyFile(pipe)
      assert.ok(!isPipe.ok)
      assert.match(isPipe.errors[0]?.message ?? '', /not a regular file/)
    }
    mkdirSync(join(folder, 'folder.yaml'))
    const isFolder = await loadPolicyFile(join(folder, 'folder.yaml'))
    assert.ok(!isFolder.ok)
    assert.match(isFolder.errors[0]?.message ?? '', /this is a folder/)
  })
})

describe('a module', () => {
  const source = (port: number) =>
    `const port: number = ${port}\nexport default { version: 1, listen: { https: { port, certificate: 'dev' } } }\n`

  test('is imported, and anew after a change', async () => {
    const first = await load('portcullis.config.ts', source(8001))
    assert.equal(first.ok && first.snapshot.listen.https?.port, 8001)
    const path = join(folder, 'portcullis.config.ts')
    writeFileSync(path, source(8002))
    utimesSync(path, 1, 1)
    const second = await loadPolicyFile(path, { policies: fakePolicies })
    assert.equal(second.ok && second.snapshot.listen.https?.port, 8002)
  })

  test('without an object, or that throws, is refused', async () => {
    assert.match(await firstError('empty.config.ts', 'export const x = 1\n'), /no default export/)
    assert.match(await firstError('throws.config.ts', "throw new Error('boom')\n"), /cannot be loaded: boom/)
    assert.match(await firstError('text.config.ts', "throw 'boom'\n"), /cannot be loaded: boom/)
    assert.match(await firstError('broken.config.ts', 'export default {\n'), /cannot be loaded/)
  })
})
