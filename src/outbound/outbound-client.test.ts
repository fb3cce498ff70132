import assert from 'node:assert/strict'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { after, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { OutboundRequest } from './outbound.ts'
import { createOutboundClient } from './outbound-client.ts'
import { OutboundError, type OutboundErrorCode } from './outbound-error.ts'

const open: (() => Promise<void> | void)[] = []
after(async () => {
  for (const close of open) await close()
})

async function listen(server: Server | TcpServer, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  open.push(() => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

async function serve(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(createServer(listener))}`
}

const answerJson: RequestListener = (_, response) => {
  response.setHeader('content-type', 'application/json')
  response.end('{"keys":[]}')
}

function createClient(options: Parameters<typeof createOutboundClient>[0] = {}) {
  const client = createOutboundClient(options)
  open.push(() => client.close())
  return client
}

const client = createClient()
const local: OutboundRequest = { allowPrivate: true, allowHttp: true }

async function assertRefused(pending: Promise<unknown>, code: OutboundErrorCode): Promise<void> {
  await assert.rejects(pending, (error) => {
    assert.ok(error instanceof OutboundError, String(error))
    assert.equal(error.code, code, error.message)
    return true
  })
}

describe('which addresses are reached', () => {
  test('a private address is reached only where it is allowed', async () => {
    const url = await serve(answerJson)
    assert.deepEqual(await client.json(url, local), { keys: [] })
    await assertRefused(client.json(url, { allowHttp: true }), 'address_refused')
  })

  test('a connection that one call was allowed to open is not handed to a call that was not', async () => {
    const url = await serve(answerJson)
    await client.request(url, local)
    await assertRefused(client.request(url, { allowHttp: true }), 'address_refused')
  })

  test('odd notations of loopback are refused', async () => {
    const port = await listen(createServer(answerJson))
    const hosts = ['127.1', '0x7f000001', '2130706433', '0177.0.0.1', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::1]']
    for (const host of [...hosts, 'localhost']) {
      await assertRefused(client.request(`http://${host}:${port}/`, { allowHttp: true }), 'address_refused')
    }
  })

  test('link-local and unspecified addresses are refused even where private ones are allowed', async () => {
    const port = await listen(createServer(answerJson), '0.0.0.0')
    for (const host of ['0.0.0.0', '169.254.169.254', '[::]', '[fe80::1]', '[::ffff:169.254.169.254]']) {
      await assertRefused(client.request(`http://${host}:${port}/`, local), 'address_refused')
    }
  })

  test('a name that changes its address between two look-ups (DNS rebinding) reaches nothing', async () => {
    let reached = 0
    const port = await listen(
      createServer((request, response) => {
        reached++
        answerJson(request, response)
      }),
    )
    const answers = [['93.184.216.34'], ['127.0.0.1'], ['93.184.216.34', '127.0.0.1'], ['127.0.0.1']]
    let lookups = 0
    const rebinding = createClient({
      connectTimeoutMs: 200,
      resolve: async () => (answers[lookups++] ?? []).map((address) => ({ address, family: 4 })),
    })
    const request = { allowHttp: true, timeoutMs: 300 }
    for (let i = 0; i < answers.length; i++) {
      await assert.rejects(rebinding.request(`http://rebind.test:${port}/`, request), OutboundError)
    }
    assert.equal(lookups, answers.length)
    assert.equal(reached, 0)
    // The same client reaches the server once private addresses are allowed: the refusals above were the guard's.
    answers.push(['127.0.0.1'])
    assert.equal((await rebinding.request(`http://rebind.test:${port}/`, local)).status, 200)
  })

  test('a name without addresses, and a resolver that fails, are told apart from a refusal', async () => {
    const empty = createClient({ resolve: async () => [] })
    await assertRefused(empty.request('https://nowhere.test/'), 'unreachable')
    const failing = createClient({ resolve: () => Promise.reject(new Error('ENOTFOUND')) })
    await assertRefused(failing.request('https://nowhere.test/'), 'unreachable')
  })

  test('proxies named in the environment are not used', async () => {
    let proxied = 0
    const proxy = await serve((_, response) => {
      proxied++
      response.end()
    })
    const url = await serve(answerJson)
    const names = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'NODE_USE_ENV_PROXY']
    const before = names.map((name) => process.env[name])
    for (const name of names) process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : proxy
    try {
      assert.deepEqual(await createClient().json(url, local), { keys: [] })
    } finally {
      names.forEach((name, i) => {
        const value = before[i]
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
      })
    }
    assert.equal(proxied, 0)
  })
})

describe('which URLs are taken', () => {
  test('plain HTTP, other schemes, credentials and garbage are refused', async () => {
    await assertRefused(client.request('http://example.test/', { allowPrivate: true }), 'http_refused')
    await assertRefused(client.request('file:///etc/passwd', local), 'url_invalid')
    await assertRefused(client.request('ftp://example.test/', local), 'url_invalid')
    await assertRefused(client.request('https://user:secret@example.test/'), 'url_invalid')
    await assertRefused(client.request('not a url'), 'url_invalid')
    await assertRefused(client.json('not a url'), 'url_invalid')
  })

  test('messages hold neither path nor query', async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: '/' }).end())
    await assert.rejects(client.request(`${url}/secret-path?token=secret`, local), (error: Error) => {
      assert.doesNotMatch(error.message, /secret/)
      return true
    })
  })
})

describe('what a hostile server may do', () => {
  test('redirects are refused, also to the same place', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      let requests = 0
      const url = await serve((_, response) => {
        requests++
        response.writeHead(status, { location: '/elsewhere' }).end()
      })
      await assertRefused(client.request(url, local), 'redirect_refused')
      assert.equal(requests, 1)
    }
  })

  test('a body over the limit is cut, declared or not', async () => {
    let sent = 0
    const streaming = await serve((request, response) => {
      const timer = setInterval(() => {
        sent += 16_384
        response.write(Buffer.alloc(16_384))
      }, 1)
      request.socket.on('close', () => clearInterval(timer))
    })
    await assertRefused(client.request(streaming, { ...local, maxBytes: 100_000 }), 'too_large')
    await delay(50)
    const atRefusal = sent
    await delay(50)
    assert.equal(sent, atRefusal, 'the connection stays open after the refusal')

    const declared = await serve((_, response) => response.writeHead(200, { 'content-length': '200000' }).write('x'))
    await assertRefused(client.request(declared, { ...local, maxBytes: 100_000 }), 'too_large')
    const exact = await serve((_, response) => response.end(Buffer.alloc(1000)))
    assert.equal((await client.request(exact, { ...local, maxBytes: 1000 })).body.length, 1000)
    await assertRefused(client.request(exact, { ...local, maxBytes: 999 }), 'too_large')
  })

  test('a compressed body, which would slip under the limit, is refused', async () => {
    const url = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'))
    await assertRefused(client.request(url, local), 'encoding_refused')
  })

  test('one time limit holds for a silent server, a slow head, a dripping body and a full resolver', async () => {
    const silent = await listen(createTcpServer(() => {}))
    const slowHead = await listen(
      createTcpServer((socket) => {
        socket.on('error', () => {})
        const timer = setInterval(() => socket.write('H'), 20)
        socket.on('close', () => clearInterval(timer))
      }),
    )
    const dripping = await serve((request, response) => {
      const timer = setInterval(() => response.write('x'), 20)
      request.socket.on('close', () => clearInterval(timer))
    })
    const stuck = createClient({ resolve: () => new Promise(() => {}) })
    const started = performance.now()
    await Promise.all([
      assertRefused(client.request(`http://127.0.0.1:${silent}/`, { ...local, timeoutMs: 200 }), 'timeout'),
      assert.rejects(client.request(`http://127.0.0.1:${slowHead}/`, { ...local, timeoutMs: 200 }), OutboundError),
      assertRefused(client.request(dripping, { ...local, timeoutMs: 200 }), 'timeout'),
      assertRefused(stuck.request('https://slow.test/', { timeoutMs: 200 }), 'timeout'),
    ])
    assert.ok(performance.now() - started < 2000)
  })

  test('a huge header section, garbage and a reset are failures', async () => {
    const huge = await serve((_, response) => response.writeHead(200, { 'x-huge': 'x'.repeat(20_000) }).end())
    await assertRefused(client.request(huge, local), 'unreachable')
    for (const bytes of [
      'garbage\r\n\r\n',
      'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello',
      '',
    ]) {
      const port = await listen(createTcpServer((socket) => socket.on('error', () => {}).end(bytes)))
      await assertRefused(client.request(`http://127.0.0.1:${port}/`, local), 'unreachable')
    }
    const truncated = await listen(
      createTcpServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nx')),
    )
    await assertRefused(client.request(`http://127.0.0.1:${truncated}/`, local), 'unreachable')
  })
})

describe('JSON', () => {
  const respond = (status: number, type: string | null, body: string | Buffer) =>
    serve((_, response) => {
      response.statusCode = status
      if (type !== null) response.setHeader('content-type', type)
      response.end(body)
    })

  test('JSON types with parameters and suffixes are taken', async () => {
    for (const type of ['application/json; charset=utf-8', 'application/jwk-set+json', 'Application/JSON']) {
      assert.deepEqual(await client.json(await respond(200, type, '{"a":1}'), local), { a: 1 })
    }
  })

  test('other types, statuses and broken documents are refused', async () => {
    for (const type of ['text/html', 'text/plain', 'application/jsonp', 'text/json+html', null]) {
      await assertRefused(client.json(await respond(200, type, '{}'), local), 'not_json')
    }
    for (const body of ['', '{', '<html>', Buffer.from([0x22, 0xff, 0x22])]) {
      await assertRefused(client.json(await respond(200, 'application/json', body), local), 'not_json')
    }
    for (const status of [204, 206, 404, 500]) {
      const url = await respond(status, 'application/json', '')
      await assertRefused(client.json(url, local), 'status_unexpected')
    }
  })

  test('a body is posted with its header fields', async () => {
    const url = await serve((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk) => chunks.push(chunk))
      request.on('end', () => {
        response.setHeader('content-type', 'application/json')
        const { method, headers } = request
        response.end(JSON.stringify([method, headers['x-test'], headers.accept, String(Buffer.concat(chunks))]))
      })
    })
    const request: OutboundRequest = { ...local, method: 'POST', headers: [['x-test', 'yes']], body: 'hello' }
    assert.deepEqual(await client.json(url, request), ['POST', 'yes', 'application/json', 'hello'])
  })
})
