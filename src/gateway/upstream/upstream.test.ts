import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { describe, it } from 'node:test'
import { startRawServer } from '../../../test/support/raw-server.ts'
import { TestCall, until } from '../../../test/support/upstream-caller.ts'
import { serve, serveRaw, upstreamTo } from '../../../test/support/upstream-fixtures.ts'
import { silentLog } from '../../core/telemetry.ts'

/** Echoes method, target, fields and body. */
const echo: RequestListener = (request, response) => {
  let body = ''
  request.setEncoding('latin1')
  request.on('data', (part: string) => {
    body += part
  })
  request.on('end', () => {
    const { method, url, rawHeaders } = request
    response.end(JSON.stringify({ method, url, rawHeaders, body, trailers: request.rawTrailers }), 'latin1')
  })
}

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

describe('requests', () => {
  it('sends method, target and fields, with the host of the target where none is given', async (t) => {
    const url = await serve(t, echo)
    const upstream = upstreamTo(t, url)
    const call = await new TestCall(upstream, { target: '/a?b=c', headers: ['x-a', 'caf\xe9'] }).done
    const { host } = new URL(url)
    assert.deepEqual(JSON.parse(call.body), {
      method: 'GET',
      url: '/a?b=c',
      rawHeaders: ['host', host, 'x-a', 'caf\xe9', 'connection', 'keep-alive'],
      body: '',
      trailers: [],
    })
    assert.equal(call.call.target, host)
    const other = await new TestCall(upstream, { headers: ['host', 'api.example.com', 'te', 'trailers'] }).done
    assert.deepEqual(JSON.parse(other.body).rawHeaders, [
      'host',
      'api.example.com',
      'te',
      'trailers',
      'connection',
      'keep-alive, te',
    ])
  })

  it('sends whole bodies of any size with their length', async (t) => {
    const upstream = upstreamTo(t, await serve(t, echo))
    for (const size of [0, 5, 16 * 1024, 16 * 1024 + 1, 300_000]) {
      const body = Buffer.alloc(size, '\xe9\x00', 'latin1')
      const call = await new TestCall(upstream, { method: 'POST', body }).done
      const seen = JSON.parse(call.body)
      assert.equal(seen.body, body.toString('latin1'))
      assert.deepEqual(seen.rawHeaders.slice(-2), ['content-length', String(size)])
    }
    assert.equal(upstream.status()[0]?.idle, 1, 'all of them went over one connection')
  })

  it('streams bodies with a length and in chunks, with trailers', async (t) => {
    const upstream = upstreamTo(t, await serve(t, echo))
    const counted = new TestCall(upstream, { method: 'PUT', body: { length: 6 } })
    counted.call.write(Buffer.from('abc'))
    counted.call.write(Buffer.alloc(0))
    counted.call.write(Buffer.from('def'))
    counted.call.end(null)
    assert.equal(JSON.parse((await counted.done).body).body, 'abcdef')

    const chunked = new TestCall(upstream, { method: 'PUT', body: { length: null } })
    chunked.call.write(Buffer.from('abc'))
    await until(() => upstream.status()[0]?.slow === 1, 'a connection for the upload')
    chunked.call.write(Buffer.alloc(0))
    chunked.call.write(Buffer.alloc(30_000, 'x'))
    chunked.call.end(['x-sum', '1', 'content-length', '7'])
    const seen = JSON.parse((await chunked.done).body)
    assert.equal(seen.body, `abc${'x'.repeat(30_000)}`)
    assert.deepEqual(seen.trailers, ['x-sum', '1'])
    assert.equal(upstream.status()[0]?.slow, 0)
  })

  it('never sends more or less than the declared length', async (t) => {
    let received = ''
    const server = await serveRaw(t, (_socket, text) => {
      received += text
    })
    const upstream = upstreamTo(t, server.url)
    const longer = new TestCall(upstream, { method: 'POST', body: { length: 3 } })
    await until(() => server.open.size === 1, 'the connection')
    longer.call.write(Buffer.from('abcGET /smuggled HTTP/1.1\r\n\r\n'))
    assert.equal((await longer.done).fault?.code, 'malformed_request')
    const shorter = new TestCall(upstream, { method: 'POST', body: { length: 3 } })
    shorter.call.write(Buffer.from('ab'))
    shorter.call.end(null)
    assert.equal((await shorter.done).fault?.code, 'body_incomplete')
    await until(() => server.open.size === 0, 'both connections closed')
    assert.equal(received.includes('smuggled'), false)
  })

  it('refuses what would be another request on the wire', async (t) => {
    const server = await serveRaw(t, () => {})
    const upstream = upstreamTo(t, server.url)
    const bad = [
      { headers: ['x-a', 'b\r\nx-c: d'] },
      { headers: ['x-a', 'b\nc'] },
      { headers: ['x-a', 'b\0'] },
      // In latin1 this leaves as CR LF.
      { headers: ['x-a', 'b\u010d\u010ax-c: d'] },
      { headers: ['x a', 'b'] },
      { headers: ['x-a:', 'b'] },
      { headers: ['X-A', 'b'] },
      { headers: ['x-a\r\nb', 'c'] },
      { headers: ['', 'c'] },
      { headers: ['content-length', '3'] },
      { headers: ['transfer-encoding', 'chunked'] },
      { headers: ['connection', 'close'] },
      { headers: ['host', 'a\r\nb: c'] },
      { target: '/a b' },
      { target: '/a\r\n\r\nGET /b HTTP/1.1' },
      { target: '/\u010a' },
      { target: '' },
      { method: 'GET /a' },
      { method: 'GET\r\n' },
      { method: '' },
      { upgrade: 'websocket\r\nx: y' },
    ]
    for (const request of bad) {
      const call = await new TestCall(upstream, request).done
      assert.equal(call.fault?.code, 'malformed_request', JSON.stringify(request))
    }
    const trailers = new TestCall(upstream, { method: 'POST', body: { length: null } })
    await until(() => server.connections === 1, 'the connection')
    trailers.call.end(['x-a', 'b\r\n\r\nGET /smuggled HTTP/1.1'])
    assert.equal((await trailers.done).fault?.code, 'malformed_request')
    assert.equal(server.connections, 1, 'nothing else reached the target')
  })

  it('holds the client back while the target does not read', async (t) => {
    let take = () => {}
    let received = 0
    const url = await serve(t, (request, response) => {
      request.pause()
      take = () => {
        request.on('data', (chunk: Buffer) => {
          received += chunk.length
        })
        request.on('end', () => response.end('done'))
        request.resume()
      }
    })
    const upstream = upstreamTo(t, url)
    const size = 64 * 1024 * 1024
    let written = 0
    const chunk = Buffer.alloc(256 * 1024)
    const feed = ({ call }: TestCall) => {
      while (written < size) {
        written += chunk.length
        if (!call.write(chunk)) return
      }
      call.end(null)
    }
    const call = new TestCall(upstream, { method: 'POST', body: { length: size } }, { onWritable: feed })
    feed(call)
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.ok(written < size / 2, `${written} bytes were taken of which nobody read one`)
    take()
    await call.done
    assert.equal(call.fault, null)
    assert.equal(call.body, 'done')
    assert.equal(received, size)
  })

  it('passes an early answer on and does not reuse the connection', async (t) => {
    const server = await serveRaw(t, (socket) => socket.write('HTTP/1.1 413 Too large\r\nContent-Length: 2\r\n\r\nno'))
    const upstream = upstreamTo(t, server.url)
    const call = new TestCall(upstream, { method: 'POST', body: { length: 1_000_000 } })
    call.call.write(Buffer.alloc(1000))
    await call.done
    assert.equal(call.status, 413)
    assert.equal(call.body, 'no')
    assert.equal(call.call.write(Buffer.alloc(1000)), true)
    call.call.end(null)
    await until(() => server.open.size === 0, 'the connection closed')
    assert.equal(upstream.status()[0]?.idle, 0)
  })
})

describe('answers', () => {
  it('arrive with their fields, framing and trailers', async (t) => {
    const url = await serve(t, (request, response) => {
      if (request.url === '/length') {
        response.setHeader('x-a', ['1', '2'])
        response.end('hello')
        return
      }
      response.writeEarlyHints({ link: '</a>; rel=preload' })
      response.setHeader('trailer', 'x-sum')
      response.write('one')
      response.write('two')
      response.addTrailers({ 'x-sum': '7' })
      response.end()
    })
    const upstream = upstreamTo(t, url)
    const counted = await new TestCall(upstream, { target: '/length' }).done
    assert.deepEqual(counted.framing, { length: 5, declaredLength: 5 })
    assert.deepEqual(counted.headers.slice(0, 4), ['x-a', '1', 'x-a', '2'])
    assert.equal(counted.headers.includes('connection'), false)
    const chunked = await new TestCall(upstream).done
    assert.deepEqual(chunked.interims, [{ status: 103, headers: ['link', '</a>; rel=preload'] }])
    assert.deepEqual(chunked.framing, { length: null, declaredLength: null })
    assert.equal(chunked.body, 'onetwo')
    assert.deepEqual(chunked.trailers, ['x-sum', '7'])
  })

  it('tells when all that came was handed over, so that it can be sent on', async (t) => {
    const server = await serveRaw(t, (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n')
      setTimeout(() => socket.write('data: 1\n\n'), 30)
      setTimeout(() => socket.end(), 60)
    })
    const call = await new TestCall(upstreamTo(t, server.url)).done
    assert.equal(call.body, 'data: 1\n\n')
    assert.equal(call.pauses, 2)
  })

  it('stop while the handler does not read, and go on when it does', async (t) => {
    const size = 64 * 1024 * 1024
    let sent = 0
    const url = await serve(t, (_request, response) => {
      const chunk = Buffer.alloc(256 * 1024, 'a')
      const feed = () => {
        while (sent < size) {
          sent += chunk.length
          if (!response.write(chunk)) {
            response.once('drain', feed)
            return
          }
        }
        response.end()
      }
      feed()
    })
    const upstream = upstreamTo(t, url)
    let stopped = false
    const call = new TestCall(
      upstream,
      {},
      {
        collect: false,
        onData: () => {
          assert.equal(stopped, false, 'content came although reading was stopped')
          stopped = true
          return false
        },
      },
    )
    await until(() => stopped, 'the first chunk')
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.ok(sent < size / 2, 'the target was not held back')
    assert.equal(upstream.status()[0]?.slow, 1)
    const timer = setInterval(() => {
      stopped = false
      call.call.resume()
    })
    t.after(() => clearInterval(timer))
    await call.done
    assert.equal(call.fault, null)
    assert.equal(call.bytes, size)
    assert.deepEqual(
      upstream.status().map(({ active, idle, slow }) => ({ active, idle, slow })),
      [{ active: 0, idle: 1, slow: 0 }],
    )
  })

  it('that end while reading is stopped free the connection for the next call', async (t) => {
    const url = await serve(t, (_request, response) => {
      response.write('x')
      setTimeout(() => response.end('y'), 20)
    })
    const upstream = upstreamTo(t, url, { maxConnections: 1 })
    for (let i = 0; i < 3; i++) {
      const call = new TestCall(upstream, {}, { onData: () => false })
      await until(() => call.body === 'x', 'the first part')
      setTimeout(() => call.call.resume(), 40)
      await call.done
      assert.equal(call.body, 'xy')
    }
  })

  it('of HEAD, 204 and 304 have no content', async (t) => {
    const url = await serve(t, (request, response) => {
      if (request.method === 'HEAD') response.setHeader('content-length', '12')
      else response.statusCode = Number(request.url?.slice(1))
      response.end()
    })
    const upstream = upstreamTo(t, url)
    const toHead = await new TestCall(upstream, { method: 'HEAD' }).done
    assert.deepEqual(toHead.framing, { length: 0, declaredLength: 12 })
    for (const status of [204, 304]) {
      const call = await new TestCall(upstream, { target: `/${status}` }).done
      assert.equal(call.status, status)
      assert.equal(call.bytes, 0)
    }
  })

  it('hand the socket over after an upgrade, with nothing lost', async (t) => {
    const server = await serveRaw(t, (socket, text) => {
      if (!text.startsWith('GET')) return
      const wanted = /upgrade: (\w+)\r\nconnection: upgrade\r\n/.exec(text)?.[1]
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: ${wanted}\r\nX-A: b\r\n\r\nfirst `,
      )
      socket.write('second ')
      setTimeout(() => socket.write('third'), 20)
      socket.on('data', (chunk) => chunk.includes('bye') && socket.end(' heard'))
    })
    const upstream = upstreamTo(t, server.url, { maxConnections: 1 })
    const call = await new TestCall(upstream, { upgrade: 'websocket' }).done
    assert.deepEqual(call.upgraded?.headers, ['x-a', 'b'])
    assert.equal(upstream.status()[0]?.active, 0, 'tunnels hold no place in the pool')
    const { socket, head } = call.upgraded as NonNullable<typeof call.upgraded>
    let text = head.toString()
    await new Promise((resolve) => setTimeout(resolve, 50))
    socket.on('data', (chunk: Buffer) => {
      text += chunk
    })
    socket.write('bye\r\n\r\n')
    await new Promise((resolve) => socket.on('close', resolve))
    assert.equal(text, 'first second third heard')
  })

  it('other than 101 to an upgrade are passed on', async (t) => {
    const server = await serveRaw(t, (socket) => socket.write(ok))
    const upstream = upstreamTo(t, server.url)
    for (let i = 0; i < 3; i++) {
      const call = await new TestCall(upstream, { upgrade: 'websocket' }).done
      assert.equal(call.body, 'ok')
      assert.equal((await new TestCall(upstream).done).body, 'ok')
    }
  })
})

describe('targets that misbehave', () => {
  const cases: Record<string, { answer: string; code: string; detail: RegExp }> = {
    garbage: { answer: 'hello\r\n\r\n', code: 'upstream_invalid', detail: /status line/ },
    'a close before the answer': { answer: '', code: 'upstream_reset', detail: /before its answer/ },
    'a close in the head': {
      answer: 'HTTP/1.1 200 OK\r\nContent-',
      code: 'upstream_reset',
      detail: /before its answer/,
    },
    'a close in a counted body': {
      answer: 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello',
      code: 'upstream_reset',
      detail: /in the middle/,
    },
    'a close in a chunked body': {
      answer: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
      code: 'upstream_reset',
      detail: /in the middle/,
    },
    'a broken chunk': {
      answer: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello!\r\n',
      code: 'upstream_invalid',
      detail: /chunk/,
    },
    'a huge head': {
      answer: `HTTP/1.1 200 OK\r\nA: ${'a'.repeat(70_000)}\r\n\r\n`,
      code: 'upstream_invalid',
      detail: /head over/,
    },
    'a switch that nobody asked for': {
      answer: 'HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
      code: 'upstream_invalid',
      detail: /nobody asked/,
    },
  }
  for (const [name, { answer, code, detail }] of Object.entries(cases)) {
    it(`${name}: ${code}`, async (t) => {
      const server = await serveRaw(t, (socket) => socket.end(answer, 'latin1'))
      const upstream = upstreamTo(t, server.url)
      const call = await new TestCall(upstream).done
      assert.equal(call.fault?.code, code)
      assert.match(call.fault?.detail ?? '', detail)
      assert.match(call.fault?.detail ?? '', new RegExp(`127.0.0.1:${server.port}`))
      assert.equal(upstream.status()[0]?.active, 0)
    })
  }

  it('a reset: upstream_reset', async (t) => {
    const server = await serveRaw(t, (socket) => socket.resetAndDestroy())
    assert.equal((await new TestCall(upstreamTo(t, server.url)).done).fault?.code, 'upstream_reset')
  })

  it('a reset in the middle of the body: upstream_reset', async (t) => {
    const server = await serveRaw(t, (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\nuntil the end')
      setTimeout(() => socket.resetAndDestroy(), 20)
    })
    const call = await new TestCall(upstreamTo(t, server.url)).done
    assert.equal(call.status, 200)
    assert.equal(call.fault?.code, 'upstream_reset')
  })

  it('a port where nobody listens: upstream_refused', async (t) => {
    const server = await startRawServer(() => {})
    await server.close()
    const call = await new TestCall(upstreamTo(t, server.url)).done
    assert.equal(call.fault?.code, 'upstream_refused')
    assert.match(call.fault?.detail ?? '', /ECONNREFUSED/)
  })

  it('silence before, between and within: upstream_timeout', async (t) => {
    const server = await serveRaw(t, (socket, text) => {
      if (text.startsWith('GET /head')) socket.write('HTTP/1.1 200 OK\r\n')
      if (text.startsWith('GET /body')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal')
    })
    const upstream = upstreamTo(t, server.url, { firstByteTimeoutMs: 100, idleTimeoutMs: 150 })
    const [silent, head, body] = await Promise.all(
      ['/', '/head', '/body'].map((target) => new TestCall(upstream, { target }).done),
    )
    assert.match(silent?.fault?.detail ?? '', /no answer within 100 ms/)
    assert.match(head?.fault?.detail ?? '', /no answer within 100 ms/)
    assert.match(body?.fault?.detail ?? '', /sent nothing of its answer for 150 ms/)
    for (const call of [silent, head, body]) assert.equal(call?.fault?.code, 'upstream_timeout')
    await until(() => server.open.size === 0, 'the connections closed')
  })

  it('a target that takes nothing of a body: upstream_timeout', async (t) => {
    const server = await serveRaw(t, (socket) => socket.pause())
    const upstream = upstreamTo(t, server.url, { idleTimeoutMs: 150 })
    const call = new TestCall(upstream, { method: 'POST', body: { length: 100_000_000 } })
    const chunk = Buffer.alloc(1_000_000)
    for (let i = 0; i < 100; i++) call.call.write(chunk)
    call.call.end(null)
    assert.match((await call.done).fault?.detail ?? '', /took nothing of the request for 150 ms/)
  })

  it('counts the first byte from the end of the request, and no silence that the client asks for', async (t) => {
    const url = await serve(t, (request, response) => {
      request.resume()
      request.on('end', () => response.end(Buffer.alloc(1_000_000)))
    })
    const upstream = upstreamTo(t, url, { firstByteTimeoutMs: 60, idleTimeoutMs: 60 })
    const call = new TestCall(upstream, { method: 'POST', body: { length: 2 } }, { onData: () => false })
    await until(() => upstream.status()[0]?.slow === 1, 'the upload')
    call.call.write(Buffer.from('a'))
    await new Promise((resolve) => setTimeout(resolve, 250))
    call.call.write(Buffer.from('b'))
    call.call.end(null)
    await until(() => call.bytes > 0, 'the answer')
    await new Promise((resolve) => setTimeout(resolve, 250))
    assert.equal(call.fault, null)
    const timer = setInterval(() => call.call.resume())
    await call.done
    clearInterval(timer)
    assert.equal(call.bytes, 1_000_000)
  })

  it('are not blamed for the time in which this process stood still', async (t) => {
    const server = await serveRaw(t, (socket) => socket.write(ok))
    const upstream = upstreamTo(t, server.url, { firstByteTimeoutMs: 60, idleTimeoutMs: 60 })
    await new TestCall(upstream).done
    const call = new TestCall(upstream)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400)
    await call.done
    assert.equal(call.fault, null)
  })

  it('bytes on an idle connection are the answer to nothing', async (t) => {
    const server = await serveRaw(t, (socket, _text, turn) => {
      socket.write(ok)
      if (turn === 0) setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npoisoned'), 20)
    })
    const events: string[] = []
    const log = { ...silentLog, warn: (event: string) => events.push(event) }
    const upstream = upstreamTo(t, server.url, {}, { log })
    assert.equal((await new TestCall(upstream).done).body, 'ok')
    assert.equal(upstream.status()[0]?.idle, 1)
    await until(() => upstream.status()[0]?.idle === 0, 'the connection given up')
    assert.deepEqual(events, ['upstream_stray_bytes'])
    assert.equal((await new TestCall(upstream).done).body, 'ok')
    assert.equal(server.connections, 2)
  })

  it('a second answer in the same packet goes to nobody', async (t) => {
    const server = await serveRaw(t, (socket) =>
      socket.write(`${ok}HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npoisoned`),
    )
    const upstream = upstreamTo(t, server.url)
    for (let i = 0; i < 3; i++) assert.equal((await new TestCall(upstream).done).body, 'ok')
    assert.equal(server.connections, 3)
  })

  it('a body after HEAD is not taken for the next answer', async (t) => {
    const server = await serveRaw(t, (socket, text) => {
      if (!text.startsWith('HEAD')) socket.write(ok)
      else {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 46\r\n\r\n')
        setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npoisoned'), 10)
      }
    })
    const upstream = upstreamTo(t, server.url)
    await new TestCall(upstream, { method: 'HEAD' }).done
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.equal((await new TestCall(upstream).done).body, 'ok')
  })
})

describe('calls that are not wanted any more', () => {
  it('close their connection, whenever that is', async (t) => {
    const server = await serveRaw(t, (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'))
    const upstream = upstreamTo(t, server.url)
    const early = new TestCall(upstream)
    early.call.abort()
    const inHead = new TestCall(upstream, {}, { onHead: ({ call }) => call.abort() })
    const inBody = new TestCall(
      upstream,
      {},
      {
        onData: (_chunk, { call }) => {
          call.abort()
          return false
        },
      },
    )
    const later = new TestCall(upstream)
    await until(() => later.bytes > 0, 'content')
    later.call.abort()
    await until(() => inHead.status === 200 && inBody.bytes > 0, 'the others')
    await until(() => server.open.size <= 1, 'the connections closed')
    for (const { call, ends } of [early, inHead, inBody, later]) {
      assert.equal(ends, 0, 'an aborted call hears nothing')
      call.abort()
      call.resume()
      call.end(null)
      assert.equal(call.write(Buffer.from('x')), true)
    }
    assert.equal(upstream.status()[0]?.active, 0)
  })

  it('leave the queue', async (t) => {
    const server = await serveRaw(t, (socket, text) => text.startsWith('GET /wait') || socket.write(ok))
    const upstream = upstreamTo(t, server.url, { maxConnections: 1 })
    const first = new TestCall(upstream, { target: '/wait' })
    await until(() => server.connections === 1, 'the connection')
    const second = new TestCall(upstream)
    const third = new TestCall(upstream)
    second.call.abort()
    first.call.abort()
    assert.equal((await third.done).body, 'ok')
    assert.equal(second.ends, 0)
  })

  it('are harmless after their end', async (t) => {
    const server = await serveRaw(t, (socket) => socket.write(ok))
    const upstream = upstreamTo(t, server.url)
    const { call } = await new TestCall(upstream).done
    const next = new TestCall(upstream)
    call.abort()
    call.resume()
    call.write(Buffer.from('GET /smuggled HTTP/1.1\r\n\r\n'))
    call.end(null)
    assert.equal((await next.done).body, 'ok')
    assert.equal(server.connections, 1)
  })
})

describe('closing', () => {
  it('lets open calls end, closes idle connections and admits nothing afterwards', async (t) => {
    const url = await serve(t, (request, response) => {
      if (request.url === '/slow') setTimeout(() => response.end('done'), 50)
      else response.end('fast')
    })
    const upstream = upstreamTo(t, url)
    const slow = new TestCall(upstream, { target: '/slow' })
    await new TestCall(upstream).done
    const closed = upstream.close()
    assert.equal(upstream.status()[0]?.idle, 0)
    // What was let in before may still come to its upstream.
    assert.equal((await new TestCall(upstream).done).body, 'fast')
    assert.equal((await slow.done).body, 'done')
    await closed
    assert.equal((await new TestCall(upstream).done).fault?.code, 'upstream_unavailable')
  })
})
