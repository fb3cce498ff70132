import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createNodeGuard } from '../../src/adapters/node.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'
import { type Deployment, deployments } from './deployments.ts'

type Line = Readonly<Record<string, unknown>> & { readonly event: string; readonly text?: string }

const card = '4111111111111111'
const secret = '{"iban":"DE89","password":"hunter one two"}'

function policyFile(upstream: string): string {
  return `version: 1
listen:
  https: { host: 127.0.0.1, port: 0, certificate: dev }
server: { workers: 1 }
log: { to: { file: portcullis.log } }
upstreams:
  test: { targets: ["${upstream}"] }
routes:
  - path: /recorded/{path*}
    access: public
    reason: a test
    upstream: test
    logBodies: { request: true, response: true, maxBytes: 8KiB, mask: ["/iban"], reason: a test }
  - path: /silent/{path*}
    access: public
    reason: a test
    upstream: test
`
}

let upstream: TestUpstreamServer
before(async () => {
  // Answers what it got, in pieces that cut secrets in two.
  upstream = await startUpstreamServer(async (_request, response, body) => {
    response.setHeader('content-type', 'application/json')
    response.setHeader('content-length', String(body.length))
    for (let at = 0; at < body.length; at += 4001) {
      response.write(body.subarray(at, at + 4001))
      await sleep(5)
    }
    response.end()
  })
})
after(() => upstream.close())

async function send({ https, ca }: Deployment, method: string, path: string, chunks: readonly string[] = []) {
  const { hostname, port } = https
  const headers = { 'content-type': 'application/json' }
  return new Promise<{ length: string | undefined; body: string }>((resolve, reject) => {
    const request = httpsRequest({ hostname, port, ca, method, path, headers }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body += chunk
      })
      response.on('end', () => resolve({ length: response.headers['content-length'], body }))
    })
    request.on('error', reject)
    void (async () => {
      for (const chunk of chunks) {
        request.write(chunk)
        await sleep(20)
      }
      request.end()
    })()
  })
}

async function inFolder(run: (folder: string, file: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-log-bodies-'))
  const file = join(folder, 'portcullis.yaml')
  await writeFile(file, policyFile(upstream.url))
  try {
    await run(folder, file)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function readLines(folder: string): Promise<Line[]> {
  const text = await readFile(join(folder, 'portcullis.log'), 'utf8')
  for (const line of text.split('\n')) {
    assert.ok(line.length < 4096, 'a pipe takes it at once')
    assert.match(line, /^[ -~]*$/, 'a terminal is not steered by it')
  }
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
}

const textOf = (lines: readonly Line[], of: string) =>
  lines
    .filter((line) => line.event === 'body' && line.of === of)
    .sort((a, b) => Number(a.part) - Number(b.part))
    .map((line) => line.text)
    .join('')

for (const [name, deploy] of Object.entries(deployments)) {
  test(`${name}: bodies are in the log, masked, on the routes that ask for it`, () =>
    inFolder(async (folder, file) => {
      const deployment = await deploy(file)
      const large = `{"free":"${card}","list":[${'"ä\\"",'.repeat(1000)}1],"iban":"DE89"}`
      try {
        await send(deployment, 'POST', '/recorded/a', ['{"iban":"DE89","pass', 'word":"hunter one two"}'])
        await send(deployment, 'POST', '/silent/a', [secret])
        const answer = await send(deployment, 'POST', '/recorded/b?token=hunter', [large.slice(0, 15), large.slice(15)])
        assert.equal(answer.length, String(Buffer.byteLength(answer.body)), 'the declared length stays')
        if (name === 'gateway') assert.equal(answer.body, large)
        assert.equal((await send(deployment, 'HEAD', '/recorded/c')).body, '')
      } finally {
        await deployment.stop()
      }
      const lines = await readLines(folder)
      const written = JSON.stringify(lines)
      assert.doesNotMatch(written, /hunter|one two|DE89|4111/)

      const accesses = lines.filter((line) => line.event === 'access')
      assert.equal(accesses.length, 4)
      const idOf = (path: string) => accesses.find((line) => line.path === path)?.requestId
      const of = (path: string) => lines.filter((line) => line.requestId === idOf(path))
      assert.equal(textOf(of('/recorded/a'), 'request'), '{"iban":"[redacted]","password":"[redacted]"}')
      assert.equal(of('/silent/a').length, 1, 'the line of the exchange alone')
      assert.equal(of('/recorded/c').length, 1, 'HEAD has no body')
      const request = textOf(of('/recorded/b'), 'request')
      assert.equal(request, large.replace(card, '[redacted]').replace('DE89', '[redacted]'))
      assert.ok(of('/recorded/b').length > 4, 'several lines')
      const response = textOf(of('/recorded/b'), 'response')
      if (name === 'gateway') assert.equal(response, request)
      else assert.match(response, /"url":"\/recorded\/b\?token=\[redacted\]"/)
    }))
}

describe('embedded over HTTP/2', () => {
  test('an answer is recorded once, whether written or ended with', () =>
    inFolder(async (folder, file) => {
      const guard = await createNodeGuard({ config: file, watch: false })
      const server = createHttp2Server(
        guard.protect((request, response) => {
          response.setHeader('content-type', 'text/plain')
          if (request.url === '/recorded/written') response.write('one ')
          response.end('two')
        }) as never,
      )
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
      try {
        for (const path of ['/recorded/written', '/recorded/ended']) {
          const stream = client.request({ ':path': path })
          let body = ''
          for await (const chunk of stream) body += chunk
          assert.ok(body.endsWith('two'))
        }
      } finally {
        client.close()
        await new Promise((resolve) => server.close(resolve))
        await guard.close()
      }
      const bodies = (await readLines(folder)).filter((line) => line.event === 'body')
      assert.deepEqual(
        bodies.map(({ text, bytes, cut }) => ({ text, bytes, cut })),
        [
          { text: 'one two', bytes: 7, cut: undefined },
          { text: 'two', bytes: 3, cut: undefined },
        ],
      )
    }))
})
