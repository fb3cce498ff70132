import assert from 'node:assert/strict'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createTestCertificate } from '../../test/support/certificate.ts'
import { createOutboundClient } from './outbound-client.ts'

test('a certificate must be trusted and stand for the name', async () => {
  const { cert, key } = createTestCertificate('issuer.test')
  const server = createServer({ cert, key }, (_, response) => response.end('hello'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }]
  const trusting = createOutboundClient({ resolve, ca: cert })
  const stranger = createOutboundClient({ resolve })
  try {
    const answer = await trusting.request(`https://issuer.test:${port}/`, { allowPrivate: true })
    assert.equal(String(Buffer.from(answer.body)), 'hello')
    for (const [client, host] of [
      [stranger, 'issuer.test'],
      [trusting, 'other.test'],
    ] as const) {
      const pending = client.request(`https://${host}:${port}/`, { allowPrivate: true, allowHttp: true })
      await assert.rejects(pending, { code: 'unreachable' })
    }
    // A private address stays refused however good its certificate is.
    await assert.rejects(trusting.request(`https://issuer.test:${port}/`), { code: 'address_refused' })
  } finally {
    await Promise.all([trusting.close(), stranger.close()])
    server.closeAllConnections()
    server.close()
  }
})
