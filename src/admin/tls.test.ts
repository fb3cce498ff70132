import assert from 'node:assert/strict'
import { connect as connectTcp } from 'node:net'
import { before, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { ask, openTestAdmin, withToken } from '../../test/support/admin.ts'
import { createTestAuthority, type TestAuthority } from '../../test/support/certificate-authority.ts'
import { eventually } from '../../test/support/eventually.ts'
import { openSocket } from '../../test/support/raw-http.ts'
import { createCertificateSet } from '../gateway/tls.ts'

let authority: TestAuthority

before(async () => {
  authority = await createTestAuthority()
})

const certificatesFor = async (...names: string[]) =>
  createCertificateSet([{ ...(await authority.issue(names)), source: names.join() }])

test('metrics over HTTPS, with a certificate that scrapers verify', async (t) => {
  const admin = await openTestAdmin(t, { certificates: await certificatesFor('localhost', '127.0.0.1') })
  assert.match(admin.url, /^https:/)
  const answer = await ask(`${admin.url}/metrics`, { ...withToken(), ca: authority.ca })
  assert.equal(answer.status, 200)
  await assert.rejects(ask(`${admin.url}/metrics`, withToken()), /unable to verify|self.signed|unable to get/i)
  const rebound = { headers: { ...withToken().headers, host: 'rebound.example' }, ca: authority.ca }
  assert.equal((await ask(`${admin.url}/metrics`, { ...rebound, servername: 'localhost' })).status, 421)
})

test('the token never passes in clear: plain HTTP on that port is no request', async (t) => {
  const admin = await openTestAdmin(t, { certificates: await certificatesFor('localhost') })
  const plain = admin.url.replace('https:', 'http:')
  await assert.rejects(ask(`${plain}/metrics`, withToken()), /socket hang up|ECONNRESET|EPROTO/)
  assert.equal(admin.readings(), 0)
  assert.equal(admin.metric('portcullis_admin_requests_total'), 0)
})

test('a renewed certificate is shown to new connections, and the old one no more', async (t) => {
  const admin = await openTestAdmin(t, { certificates: await certificatesFor('localhost') })
  const shown = (servername: string) =>
    new Promise<string>((resolve, reject) => {
      const options = { port: admin.port, host: '127.0.0.1', servername, rejectUnauthorized: false }
      const socket = connectTls(options, () => {
        resolve(String(socket.getPeerCertificate().subject.CN))
        socket.destroy()
      })
      socket.on('error', reject)
    })
  assert.equal(await shown('localhost'), 'localhost')
  admin.useCertificates(await certificatesFor('renewed.internal', 'localhost'))
  assert.equal(await shown('localhost'), 'renewed.internal')
  assert.equal(await shown(''), 'renewed.internal')
})

test('a handshake that stalls is cut off', async (t) => {
  const certificates = await certificatesFor('localhost')
  const admin = await openTestAdmin(t, { certificates, limits: { requestMs: 300 } })
  const socket = await openSocket(admin.port)
  let closed = false
  socket.on('close', () => {
    closed = true
  })
  socket.resume()
  socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]))
  await eventually('it is cut off', () => closed, 2_500)
  await eventually('its place is free', () => admin.metric('portcullis_admin_connections') === 0)
})

test('connections above the limit end before their handshake', async (t) => {
  const certificates = await certificatesFor('localhost')
  const admin = await openTestAdmin(t, { certificates, limits: { maxConnectionsPerPeer: 2, requestMs: 5_000 } })
  const open = await Promise.all([openSocket(admin.port), openSocket(admin.port)])
  t.after(() => open.forEach((socket) => void socket.destroy()))
  await assert.rejects(ask(`${admin.url}/ready`, { ca: authority.ca }), /ECONNRESET|disconnected|hang up/)
  assert.equal(admin.metric('portcullis_admin_connections_refused_total'), 1)
})

test('closing does not wait for a handshake or an idle connection', async (t) => {
  const certificates = await certificatesFor('localhost')
  const admin = await openTestAdmin(t, { certificates, limits: { requestMs: 5_000 } })
  const socket = connectTcp(admin.port, '127.0.0.1')
  socket.on('error', () => {})
  await eventually('it is there', () => admin.metric('portcullis_admin_connections') === 1)
  const started = performance.now()
  await admin.close()
  assert.ok(performance.now() - started < 2_000)
})
