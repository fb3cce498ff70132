import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { createTestAuthority, type TestAuthority } from '../../test/support/certificate-authority.ts'
import { toExposition } from '../observe/exposition.ts'
import { CertificateMetrics } from './certificate-metrics.ts'

const dayMs = 86_400_000

let authority: TestAuthority
before(async () => {
  authority = await createTestAuthority()
})

async function pairFor(source: string, days: number) {
  return { ...(await authority.issue(['shop.example'], { from: -10, to: days })), source }
}

test('every certificate of every listener, under its file; those that a reload took away vanish', async () => {
  const metrics = new CertificateMetrics()
  const read = async (now = Date.now()) =>
    [
      ...(await toExposition([metrics.toJson(now)])).matchAll(/^\w+\{listener="(\w+)",certificate="(.+)"\} (.+)$/gm),
    ].map(([, listener, certificate, value]) => [listener, certificate, Math.round(Number(value) / 86_400)])
  assert.deepEqual(await read(), [])
  const [rsa, ecdsa, admin] = [await pairFor('rsa.pem', 30), await pairFor('ecdsa.pem', 2), await pairFor('a.pem', -1)]
  metrics.show({ https: [rsa, ecdsa], admin: [admin] })
  assert.deepEqual(await read(), [
    ['https', 'rsa.pem', 30],
    ['https', 'ecdsa.pem', 2],
    ['admin', 'a.pem', -1],
  ])
  metrics.show({ https: [ecdsa], admin: [] })
  assert.deepEqual(await read(Date.now() + 3 * dayMs), [['https', 'ecdsa.pem', -1]])
})
