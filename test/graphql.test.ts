import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { buildSchema, graphql } from 'graphql'
import { defineConfig } from '../src/config/define-config.ts'
import { createGuard } from '../src/runtime/create-guard.ts'
import type { Guard } from '../src/runtime/guard.ts'

/*
 * Attacks on a GraphQL server as applications write them: each succeeds against the server alone, and is refused in
 * front of it.
 */

const schema = buildSchema(`
  type User { id: ID! name: String! friends(first: Int = 10): [User!]! }
  type Query { me: User! users(first: Int = 10): [User!]! checkPin(pin: String!): Boolean! }
  type Mutation { rename(name: String!): User! }
`)
let resolved = 0
const user = {
  id: '1',
  name: 'Ada',
  friends: ({ first }: { first: number }) => list(first),
}
function list(count: number) {
  resolved += count
  return Array<typeof user>(count).fill(user)
}
const root = {
  me: () => user,
  users: ({ first }: { first: number }) => list(first),
  checkPin({ pin }: { pin: string }) {
    resolved++
    return pin === '0042'
  },
  rename: ({ name }: { name: string }) => ({ ...user, name }),
}

interface Asked {
  readonly query: string
  readonly variables?: Record<string, unknown>
}

/** Takes one request or a list of them, as servers do that allow batches; what the URL says goes before the body. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const body = await text(request)
  const given: Asked | Asked[] = body === '' ? { query: '' } : JSON.parse(body)
  const query = url.searchParams.get('query')
  const run = (one: Asked) =>
    graphql({ schema, rootValue: root, source: query ?? one.query, variableValues: one.variables ?? {} })
  const results = Array.isArray(given) ? await Promise.all(given.map(run)) : await run(given)
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(results))
}

const folder = mkdtempSync(join(tmpdir(), 'portcullis-graphql-'))
const servers: ReturnType<typeof createServer>[] = []
let guard: Guard
let bare = ''
let guarded = ''

before(async () => {
  const config = defineConfig({
    version: 1,
    data: `sqlite:${join(folder, 'portcullis.db')}`,
    log: { level: 'silent' },
    routes: [{ path: '/graphql', methods: ['GET', 'POST'], access: 'public', reason: 'a test', graphql: {} }],
  })
  guard = await createGuard({ config })
  bare = await listen((request, response) => void answer(request, response))
  guarded = await listen((request, response) => guard.handle(request, response, () => void answer(request, response)))
})

after(async () => {
  for (const server of servers) server.close()
  for (const server of servers) server.closeAllConnections()
  await guard.close()
  rmSync(folder, { recursive: true })
})

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
}

async function post(origin: string, value: unknown, query = '') {
  resolved = 0
  const response = await fetch(origin + query, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  })
  return { status: response.status, body: await response.text(), resolved }
}

const pins = Array.from({ length: 100 }, (_, i) => String(i).padStart(4, '0'))
const doubled = Array.from({ length: 10 }, (_, i) => `fragment f${i} on User{friends(first:2){...f${i + 1}}}`)

describe('a GraphQL server', () => {
  for (const [name, value, succeeds, query] of [
    ['its schema is read out', { query: '{__schema{types{name}}}' }, ({ body }) => body.includes('"User"')],
    [
      'a PIN is guessed by aliases in one request',
      { query: `{${pins.map((pin) => `p${pin}:checkPin(pin:"${pin}")`).join(' ')}}` },
      ({ body }) => body.includes('"p0042":true'),
    ],
    [
      'a PIN is guessed by a batch',
      pins.map((pin) => ({ query: `{checkPin(pin:"${pin}")}` })),
      ({ body }) => body.includes('true'),
    ],
    [
      'small queries make large work',
      { query: 'query($n:Int){users(first:$n){friends(first:$n){id}}}', variables: { n: 300 } },
      (result) => result.resolved > 90_000,
    ],
    [
      'fragments make large work',
      { query: `{me{...f0}} ${doubled.join(' ')} fragment f10 on User{id}` },
      (result) => result.resolved > 2000,
    ],
    [
      'a query in the URL runs instead of the one in the body',
      { query: '{me{id}}' },
      ({ body }) => body.includes('__schema'),
      `?query=${encodeURIComponent('{__schema{queryType{name}}}')}`,
    ],
  ] as [string, unknown, (result: Awaited<ReturnType<typeof post>>) => boolean, string?][]) {
    test(`${name}, and no more behind the policy`, async () => {
      assert.equal(succeeds(await post(bare, value, query)), true, 'the attack is none')
      const result = await post(guarded, value, query)
      assert.ok(result.status === 400 || result.status === 422, String(result.status))
      assert.equal(result.resolved, 0)
      assert.match(result.body, /urn:problem-type:/)
    })
  }

  test('answers what applications ask for, with the policy as without', async () => {
    for (const value of [
      {
        query:
          'query Friends($n: Int!) { users(first: $n) { ...U friends(first: 5) { ...U } } } fragment U on User { id name }',
        variables: { n: 3 },
      },
      { query: 'mutation { rename(name: "O\'Brien") { name } }' },
      { query: '{ me { __typename name } }' },
    ]) {
      const plain = await post(bare, value)
      assert.doesNotMatch(plain.body, /errors/)
      assert.deepEqual(await post(guarded, value), plain)
    }
  })
})
