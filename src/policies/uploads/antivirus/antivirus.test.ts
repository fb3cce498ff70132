import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { eicar, malware, startClamd } from '../../../../test/support/clamd.ts'
import { eventually } from '../../../../test/support/eventually.ts'
import {
  createTestExchange,
  createTestPipeline,
  runTestExchange,
  type TestRequest,
} from '../../../../test/support/exchange.ts'
import { type SeenScan, startFakeClamd } from '../../../../test/support/fake-clamd.ts'
import { toMultipart } from '../../../../test/support/multipart.ts'
import { requireService } from '../../../../test/support/services.ts'
import { uploads } from '../index.ts'
import { antivirusBlock } from './options.ts'

const options = { types: ['text/plain'], maxFileBytes: '64MiB' }
const text = (body: TestRequest['body']): TestRequest => ({
  method: 'PUT',
  headers: { 'content-type': 'text/plain' },
  body: body ?? null,
})

async function createCalls(settings: object, own: object = options, mode: 'enforce' | 'observe' = 'enforce') {
  const blocks = { antivirus: antivirusBlock.parse(settings) }
  const pipeline = await createTestPipeline([{ policy: uploads, options: own, mode }], {}, { blocks })
  return { pipeline, call: (request: TestRequest) => runTestExchange({ ...request, pipeline }) }
}

test('clamd: infected files are refused, over either socket, in forms and bodies, and clean ones pass', async (t) => {
  const program = requireService(t, 'clamd')
  if (program === undefined) return
  const clamd = await startClamd(program)
  t.after(() => clamd.stop())
  assert.equal((await runTestExchange(text(eicar))).forwarded, true)
  for (const address of [clamd.unix, clamd.tcp]) {
    const { call, pipeline } = await createCalls({ clamd: address })
    for (const body of [
      eicar,
      `some text ${malware} more text`,
      [Buffer.from('PORTCULLIS-'), Buffer.from(malware.slice(11))],
    ]) {
      const { status, code, forwarded } = await call(text(body))
      assert.deepEqual([status, code, forwarded], [422, 'uploads_infected', false])
    }
    assert.equal((await call(text('some text'))).code, null)
    const big = Buffer.alloc(900_000, 'a line of text\n')
    assert.equal((await call(text([big.subarray(0, 100_000), big.subarray(100_000)]))).code, null)
    const infected = { name: 'a', fileName: 'a.txt', type: 'text/plain', bytes: malware }
    assert.equal(
      (await call({ method: 'POST', ...toMultipart([{ ...infected, bytes: 'x' }, infected]) })).code,
      'uploads_infected',
    )
    assert.deepEqual(pipeline.log.find(({ event }) => event === 'upload_infected')?.fields, {
      requestId: 'request-1',
      route: 'GET /orders',
      signature: 'Eicar-Test-Signature.UNOFFICIAL',
    })
    assert.equal(pipeline.counters.get('portcullis_uploads_scanned_total{result="infected"}'), 4)
    assert.equal(pipeline.counters.get('portcullis_uploads_scanned_total{result="clean"}'), 3)
  }
})

test('clamd: a file that is longer than its StreamMaxLength gets no verdict, so it is refused', async (t) => {
  const program = requireService(t, 'clamd')
  if (program === undefined) return
  const clamd = await startClamd(program, '100K')
  t.after(() => clamd.stop())
  const { call, pipeline } = await createCalls({ clamd: clamd.unix })
  const chunks = Array.from({ length: 64 }, () => Buffer.alloc(65_536, 'text '))
  const { status, code, forwarded } = await call(text(chunks))
  assert.deepEqual([status, code, forwarded], [503, 'uploads_unscanned', false])
  assert.equal(pipeline.log[0]?.event, 'antivirus_failed')
})

const clean = (socket: Socket) => socket.end('stream: OK\0')

test('files go over the wire as clamd(8) says, while they arrive', async (t) => {
  const seenEarly: number[] = []
  const clamd = await startFakeClamd(clean, (_, { bytes }) => seenEarly.push(bytes))
  t.after(() => clamd.close())
  const { call } = await createCalls({ clamd: clamd.address })
  async function* body() {
    for (let i = 0; i < 40; i++) {
      // Far behind the first bytes, the scanner has most of what came.
      if (i === 39) await eventually('the scanner has most of it', () => (clamd.seen[0]?.bytes ?? 0) >= 30 * 65_536)
      yield Buffer.alloc(65_536, 'text ')
    }
  }
  assert.equal((await call(text(body()))).code, null)
  assert.equal((await call(text('short'))).code, null)
  assert.deepEqual(
    clamd.seen.map(({ problem, bytes, ended }) => [problem, bytes, ended]),
    [
      [null, 40 * 65_536, true],
      [null, 5, true],
    ],
  )
  assert.ok(seenEarly.length > 30)
})

test('the last bytes wait for the verdict: an infected file never arrives complete', async (t) => {
  const passed: string[] = []
  const clamd = await startFakeClamd((socket) => {
    passed.push('asked')
    setTimeout(() => socket.end('stream: Test.Virus FOUND\0'), 50)
  })
  t.after(() => clamd.close())
  const { pipeline } = await createCalls({ clamd: clamd.address })
  const body = Buffer.alloc(200_000, 'text ')
  const { exchange, run } = await createTestExchange({ ...text(body), pipeline })
  const running = run()
  // Behind the policy's own: what it sees is what the upstream would get.
  exchange.body.inspect((chunk) => {
    passed.push(chunk === null ? 'end' : 'bytes')
    return { kind: 'next' }
  })
  assert.equal((await running).code, 'uploads_infected')
  assert.deepEqual(passed, ['asked'])
})

for (const [name, answer, onChunk] of [
  ['garbage', (socket: Socket) => socket.end('\xff\xfenonsense\0')],
  ['an endless answer', (socket: Socket) => socket.write('x'.repeat(100_000))],
  ['a verdict without its end', (socket: Socket) => socket.end('stream: OK')],
  ['nothing', (socket: Socket) => socket.end()],
  ['silence', () => {}],
  ['a reset', (socket: Socket) => socket.resetAndDestroy()],
  ['the size limit', (socket: Socket) => socket.end('INSTREAM size limit exceeded. ERROR\0')],
  ['an error', (socket: Socket) => socket.end('stream: Can’t allocate memory ERROR\0')],
  ['another file’s verdict', (socket: Socket) => socket.end('/etc/passwd: OK\0')],
  ['a cut in the middle', clean, (socket: Socket, scan: SeenScan) => scan.bytes > 100_000 && socket.resetAndDestroy()],
  ['a stop of reading', clean, (socket: Socket) => socket.pause()],
] as const) {
  test(`no verdict (${name}): refused by default, passed with onFailure: allow, never taken for clean`, async (t) => {
    const clamd = await startFakeClamd(answer, onChunk as never)
    t.after(() => clamd.close())
    const chunks = Array.from({ length: 200 }, () => Buffer.alloc(65_536, 'text '))
    const strict = await createCalls({ clamd: clamd.address, timeout: '300ms' })
    const refused = await strict.call(text(chunks))
    assert.deepEqual([refused.status, refused.code], [503, 'uploads_unscanned'])
    assert.equal(strict.pipeline.counters.get('portcullis_uploads_scanned_total{result="failed"}'), 1)
    const lax = await createCalls({ clamd: clamd.address, timeout: '300ms', onFailure: 'allow' })
    assert.equal((await lax.call(text(chunks))).code, null)
    assert.equal(lax.pipeline.log[0]?.event, 'antivirus_failed')
  })
}

test('a scanner that is not there refuses', async (t) => {
  const clamd = await startFakeClamd(clean)
  await clamd.close()
  for (const address of [clamd.address, 'unix:/nonexistent/clamd.ctl']) {
    const { call } = await createCalls({ clamd: address })
    assert.equal((await call(text('x'))).code, 'uploads_unscanned')
  }
  t.diagnostic('neither the port nor the socket answers')
})

test('connections are bounded; more files wait in line, and the line is bounded too', async (t) => {
  const clamd = await startFakeClamd((socket) => setTimeout(() => socket.end('stream: OK\0'), 20))
  t.after(() => clamd.close())
  const { call } = await createCalls({ clamd: clamd.address, connections: 2 })
  const results = await Promise.all(Array.from({ length: 30 }, () => call(text('x'))))
  assert.deepEqual(new Set(results.map(({ code }) => code)), new Set([null]))
  assert.ok(clamd.mostAtOnce() <= 3, `${clamd.mostAtOnce()} at once`)
  const crowd = await Promise.all(Array.from({ length: 60 }, () => call(text('x'))))
  const refused = crowd.filter(({ code }) => code === 'uploads_unscanned').length
  assert.ok(refused > 0 && refused <= 60 - 34, `${refused} of 60 refused`)
})

test('files that break off give their connection back', async (t) => {
  const clamd = await startFakeClamd(clean)
  t.after(() => clamd.close())
  const { call } = await createCalls({ clamd: clamd.address, connections: 1, timeout: '1s' })
  const broken = Buffer.concat([Buffer.alloc(200_000, 'text '), Buffer.from('\0')])
  for (let i = 0; i < 5; i++) assert.equal((await call(text([broken]))).code, 'uploads_type')
  assert.equal((await call(text('x'))).code, null)
})

test('longer files than the scanner takes are refused, or pass unscanned where the file says so', async (t) => {
  const clamd = await startFakeClamd((socket) => socket.end('stream: Test.Virus FOUND\0'))
  t.after(() => clamd.close())
  const long = text([Buffer.alloc(60_000, 'text '), Buffer.alloc(60_000, 'text ')])
  const strict = await createCalls({ clamd: clamd.address, maxBytes: '100kB' })
  assert.deepEqual(
    [(await strict.call(long)).code, (await strict.call(text('x'))).code],
    ['uploads_too_large', 'uploads_infected'],
  )
  const lax = await createCalls({ clamd: clamd.address, maxBytes: '100kB', largerFiles: 'pass' })
  assert.equal((await lax.call(long)).code, null)
  const off = await createCalls({ clamd: clamd.address }, { ...options, antivirus: false })
  assert.equal((await off.call(text('x'))).code, null)
  const observed = await createCalls({ clamd: clamd.address }, options, 'observe')
  assert.equal((await observed.call(text('x'))).forwarded, true)
})

test('rejects bad configuration', () => {
  for (const bad of [
    {},
    { clamd: '127.0.0.1:3310' },
    { clamd: 'unix:relative.ctl' },
    { clamd: 'tcp://127.0.0.1' },
    { clamd: 'http://127.0.0.1:3310' },
    { clamd: 'unix:/x', onFailure: 'pass' },
    { clamd: 'unix:/x', timeout: 30 },
    { clamd: 'unix:/x', connections: 0 },
  ]) {
    assert.throws(() => antivirusBlock.parse(bad), JSON.stringify(bad))
  }
})
