import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { parse, stringify } from 'yaml'
import { findFreePort } from '../../test/support/free-port.ts'
import { startProgram } from '../../test/support/program.ts'
import { type ServedGateway, serveGateway } from '../../test/support/served-gateway.ts'

const file = (name: string) => new URL(name, import.meta.url)
let issuer: ReturnType<typeof startProgram>
let gateway: ServedGateway
let issuerUrl: string

before(async () => {
  const port = await findFreePort()
  issuerUrl = `http://127.0.0.1:${port}`
  process.env.INTROSPECTION_SECRET = 'something-long'
  process.env.PORT = String(port)
  issuer = startProgram(process.execPath, [file('issuer.ts').pathname], process.cwd())
  const text = (await readFile(file('portcullis.yaml'), 'utf8')).replaceAll('http://127.0.0.1:4444', issuerUrl)
  const value = parse(text)
  value.listen.http.port = 0
  value.log = { to: { file: 'portcullis.log' } }
  gateway = await serveGateway(stringify(value))
})
after(async () => {
  await gateway.stop()
  await issuer.stop()
})

async function call(token: string): Promise<number> {
  const response = await fetch(`${gateway.urls[0]}/orders`, { headers: { authorization: `Bearer ${token}` } })
  return response.status
}

test('what the page says: a token passes until its issuer has taken it back', async () => {
  assert.equal(await call('opaque-alice'), 502)
  assert.equal(await call('opaque-batch'), 502)
  assert.equal(await call('opaque-eve'), 401)
  await fetch(`${issuerUrl}/tokens/opaque-alice`, { method: 'DELETE' })
  await new Promise((resolve) => setTimeout(resolve, 5_100))
  assert.equal(await call('opaque-alice'), 401)
  assert.equal(await call('opaque-batch'), 502)
})
