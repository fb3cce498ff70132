import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls'
import { createTestAuthority, type IssuedCertificate } from '../../../test/support/certificate-authority.ts'
import { startRawServer } from '../../../test/support/raw-server.ts'
import { TestCall, until } from '../../../test/support/upstream-caller.ts'
import { serveRaw, upstreamTo } from '../../../test/support/upstream-fixtures.ts'
import type { UpstreamTls } from '../../config/snapshot.ts'

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

let folder: string
let files: Record<'ca' | 'otherCa' | 'clientCert' | 'clientKey' | 'otherClientCert' | 'otherClientKey', string>
let shop: IssuedCertificate
let byAddress: IssuedCertificate
let expired: IssuedCertificate
let early: IssuedCertificate
let untrusted: IssuedCertificate
let authorityPem: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-tls-'))
  const authority = await createTestAuthority()
  const other = await createTestAuthority()
  authorityPem = authority.ca
  shop = await authority.issue(['shop.internal'])
  byAddress = await authority.issue(['127.0.0.1'])
  expired = await authority.issue(['shop.internal'], { from: -3, to: -2 })
  early = await authority.issue(['shop.internal'], { from: 2, to: 3 })
  untrusted = await other.issue(['shop.internal'])
  const client = await authority.issue(['gateway'])
  const otherClient = await other.issue(['gateway'])
  const write = async (name: string, text: string) => {
    const path = join(folder, name)
    await writeFile(path, text, { mode: 0o600 })
    return path
  }
  files = {
    ca: await write('ca.pem', authority.ca),
    otherCa: await write('other-ca.pem', other.ca),
    clientCert: await write('client.pem', client.cert),
    clientKey: await write('client.key', client.key),
    otherClientCert: await write('other-client.pem', otherClient.cert),
    otherClientKey: await write('other-client.key', otherClient.key),
  }
})
after(() => rm(folder, { recursive: true }))

function tls(own: Partial<UpstreamTls> = {}): { tls: UpstreamTls } {
  return { tls: { ca: files.ca, cert: null, key: null, serverName: null, ...own } }
}

const lookup = async () => [{ address: '127.0.0.1', family: 4 }]

/** A call on a TLS server that is reached as `shop.internal`. */
async function callShop(t: TestContext, server: TlsOptions, own: Partial<UpstreamTls> = {}): Promise<TestCall> {
  const { port } = await serveRaw(t, (socket) => socket.write(ok), server)
  const upstream = upstreamTo(t, `https://shop.internal:${port}`, { ...tls(own), retries: 2 }, { lookup })
  return new TestCall(upstream).done
}

describe('targets over TLS', () => {
  it('are verified by name and authority, and asked for by their name', async (t) => {
    let asked: string | false | undefined
    const server = await serveRaw(
      t,
      (socket) => {
        asked = (socket as TLSSocket & { servername: string }).servername
        socket.write(ok)
      },
      { ...shop },
    )
    const upstream = upstreamTo(t, `https://shop.internal:${server.port}`, tls(), { lookup })
    assert.equal((await new TestCall(upstream).done).body, 'ok')
    assert.equal(asked, 'shop.internal')
    assert.equal((await new TestCall(upstream).done).body, 'ok')
    assert.equal(server.connections, 1, 'the connection is used again')
  })

  it('that are addresses are verified as such', async (t) => {
    const good = await serveRaw(t, (socket) => socket.write(ok), { ...byAddress })
    assert.equal((await new TestCall(upstreamTo(t, good.url, tls())).done).body, 'ok')
    const named = await serveRaw(t, (socket) => socket.write(ok), { ...shop })
    assert.equal((await new TestCall(upstreamTo(t, named.url, tls())).done).fault?.code, 'upstream_certificate')
    const told = upstreamTo(t, named.url, tls({ serverName: 'shop.internal' }))
    assert.equal((await new TestCall(told).done).body, 'ok')
  })

  const refused: Record<string, () => [TlsOptions, Partial<UpstreamTls>, RegExp]> = {
    'another name': () => [{ ...byAddress }, {}, /does not match/],
    'another name than the one that is demanded': () => [
      { ...shop },
      { serverName: 'bank.internal' },
      /does not match/,
    ],
    'an unknown authority': () => [{ ...untrusted }, {}, /verify|local issuer/],
    'an authority of the platform only': () => [{ ...shop }, { ca: null }, /verify|local issuer/],
    'a certificate that has ended': () => [{ ...expired }, {}, /expired/],
    'a certificate that does not hold yet': () => [{ ...early }, {}, /not yet valid/],
  }
  for (const [name, make] of Object.entries(refused)) {
    it(`are refused for ${name}`, async (t) => {
      const [server, own, reason] = make()
      const { fault, status } = await callShop(t, server, own)
      assert.equal(fault?.code, 'upstream_certificate')
      assert.match(fault?.detail ?? '', reason)
      assert.match(fault?.detail ?? '', /^shop\.internal:\d+: /)
      assert.equal(status, 0)
    })
  }

  it('are refused even where the environment turns verification off', async (t) => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    t.after(() => delete process.env.NODE_TLS_REJECT_UNAUTHORIZED)
    assert.equal((await callShop(t, { ...untrusted })).fault?.code, 'upstream_certificate')
  })

  it('with a bad certificate get one handshake: no other address is tried, no other target', async (t) => {
    let handshakes = 0
    const server = createServer({ ...untrusted })
    server.on('connection', () => {
      handshakes += 1
    })
    server.on('tlsClientError', () => {})
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.after(() => server.close())
    const { port } = server.address() as AddressInfo
    const twice = async () => [...(await lookup()), { address: '::ffff:127.0.0.1', family: 6 }]
    const url = `https://shop.internal:${port}`
    const upstream = upstreamTo(t, [url, url], { ...tls(), retries: 3 }, { lookup: twice })
    assert.equal((await new TestCall(upstream).done).fault?.code, 'upstream_certificate')
    assert.equal(handshakes, 1)
  })

  it('that speak less than TLS 1.2 are refused', async (t) => {
    const { fault } = await callShop(t, {
      ...shop,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'ALL@SECLEVEL=0',
    })
    assert.equal(fault?.code, 'upstream_refused')
  })

  it('that speak no TLS are refused', async (t) => {
    const server = await serveRaw(t, () => {})
    const plain = createTcpServer((socket) => socket.end('HTTP/1.1 400 Bad\r\n\r\n').on('error', () => {}))
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    t.after(() => plain.close())
    const { port } = plain.address() as AddressInfo
    assert.equal(
      (await new TestCall(upstreamTo(t, `https://127.0.0.1:${port}`, tls())).done).fault?.code,
      'upstream_refused',
    )
    const silent = upstreamTo(t, `https://127.0.0.1:${server.port}`, { ...tls(), connectTimeoutMs: 100 })
    assert.equal((await new TestCall(silent).done).fault?.code, 'upstream_timeout')
  })

  it('are shown the client certificate', async (t) => {
    const demanding: TlsOptions = { ...shop, ca: authorityPem, requestCert: true, rejectUnauthorized: true }
    const good = await callShop(t, demanding, { cert: files.clientCert, key: files.clientKey })
    assert.equal(good.body, 'ok')
    const none = await callShop(t, demanding)
    assert.equal(none.fault?.code, 'upstream_reset', 'TLS 1.3 tells the client after the handshake')
    const wrong = await callShop(t, demanding, { cert: files.otherClientCert, key: files.otherClientKey })
    assert.equal(wrong.fault?.code, 'upstream_reset')
  })

  it('resume their session on the next connection', async (t) => {
    const reused: boolean[] = []
    const server = await serveRaw(
      t,
      (socket) => {
        reused.push((socket as TLSSocket).isSessionReused())
        socket.write(ok.replace('Content', 'Connection: close\r\nContent'))
      },
      { ...shop },
    )
    const upstream = upstreamTo(t, `https://shop.internal:${server.port}`, tls(), { lookup })
    for (let i = 0; i < 3; i++) assert.equal((await new TestCall(upstream).done).body, 'ok')
    assert.deepEqual(reused, [false, true, true])
  })

  it('whose first address does not finish the handshake: the next one is tried', async (t) => {
    const good = await serveRaw(t, (socket) => socket.write(ok), { ...shop })
    const stuck = await startRawServer(() => {}, null, '127.0.0.2', good.port)
    t.after(() => stuck.close())
    const both = async () => [{ address: '127.0.0.2', family: 4 }, ...(await lookup())]
    const options = { ...tls(), connectTimeoutMs: 400, retries: 0 }
    const upstream = upstreamTo(t, `https://shop.internal:${good.port}`, options, { lookup: both })
    const calls = await Promise.all([1, 2, 3, 4].map(() => new TestCall(upstream).done))
    for (const { body } of calls) assert.equal(body, 'ok')
    assert.ok(stuck.connections > 0)
    await until(() => stuck.open.size === 0, 'the stuck connections given up')
  })

  it('stream both ways, and stop at once when the reader stops', async (t) => {
    const size = 8 * 1024 * 1024
    const server = await serveRaw(
      t,
      (socket, text) => {
        if (!text.startsWith('GET')) return
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
        socket.write(Buffer.alloc(size, 'x'))
      },
      { ...shop },
    )
    const upstream = upstreamTo(t, `https://shop.internal:${server.port}`, { ...tls(), maxConnections: 1 }, { lookup })
    for (let i = 0; i < 2; i++) {
      let isStopped = false
      const call = new TestCall(
        upstream,
        {},
        {
          collect: false,
          onData: (_chunk, { call }) => {
            assert.equal(isStopped, false, 'content came although reading was stopped')
            isStopped = true
            setImmediate(() => {
              isStopped = false
              call.resume()
            })
            return false
          },
        },
      )
      await call.done
      assert.equal(call.fault, null)
      assert.equal(call.bytes, size)
    }
    assert.equal(server.connections, 1)
  })

  it('hand the socket over after an upgrade', async (t) => {
    const server = await serveRaw(
      t,
      (socket, text) => {
        if (!text.startsWith('GET')) return
        socket.write('HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nhello')
        socket.on('data', (chunk) => socket.end(chunk))
      },
      { ...shop },
    )
    const upstream = upstreamTo(t, `https://shop.internal:${server.port}`, tls(), { lookup })
    const { upgraded } = await new TestCall(upstream, { upgrade: 'websocket' }).done
    let text = upgraded?.head.toString() ?? ''
    upgraded?.socket.on('data', (chunk: Buffer) => {
      text += chunk
    })
    upgraded?.socket.write(' again')
    await new Promise((resolve) => upgraded?.socket.on('close', resolve))
    assert.equal(text, 'hello again')
  })

  it('whose files cannot be read stop the upstream from being made', (t) => {
    assert.throws(() => upstreamTo(t, 'https://shop.internal', tls({ ca: join(folder, 'absent.pem') })), /absent\.pem/)
  })
})
