import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { eventually } from '../../test/support/eventually.ts'
import { createGuard } from './create-guard.ts'

async function startApplication(t: TestContext, log: object) {
  const folder = mkdtempSync(join(tmpdir(), 'guard-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const guard = await createGuard({
    config: {
      version: 1,
      data: `sqlite:${join(folder, 'portcullis.db')}`,
      log: { to: { file: join(folder, 'log'), ...log } },
      routes: [{ path: '/**', methods: ['GET'], access: 'public', reason: 'a test' }],
    },
  })
  t.after(() => guard.close())
  const server = createServer((request, response) => guard.handle(request, response, () => response.end('answer')))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const call = (path: string) =>
    new Promise<number>((resolve, reject) => {
      get({ port, path, headers: { 'user-agent': 'x'.repeat(400) } }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0))
      }).on('error', reject)
    })
  return { guard, folder, call }
}

test('the log of an application is set aside when it has grown, and goes on in a new file', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { guard, folder, call } = await startApplication(t, { rotateAt: '64KiB', keepFiles: 2 })
  const asides = () => readdirSync(folder).filter((name) => name.startsWith('log.'))
  const file = join(folder, 'log')
  for (let i = 0; i < 120; i++) assert.equal(await call(`/${i}`), 200)
  t.mock.timers.tick(200)
  await eventually('it has grown', () => statSync(file).size >= 64 * 1024)
  t.mock.timers.tick(5_000)
  await eventually('it is set aside', () => asides().length === 1)
  await call('/later')
  await guard.close()
  const later = readFileSync(file, 'utf8')
  assert.match(later, /"path":"\/later"/)
  const before = readFileSync(join(folder, asides()[0] as string), 'utf8')
  assert.equal((before + later).match(/"event":"access"/g)?.length, 121)
})

test('a guard may be closed twice', async (t) => {
  const { guard } = await startApplication(t, {})
  await guard.close()
  await guard.close()
})
