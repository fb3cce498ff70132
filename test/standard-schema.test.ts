// Schemas of zod, valibot and TypeBox in a policy file of an application, on node:http and Express, as the page shows it.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import express from 'express'
import { Type } from 'typebox'
import * as v from 'valibot'
import { z } from 'zod'
import { createExpressGuard } from '../src/adapters/express.ts'
import { createNodeGuard } from '../src/adapters/node.ts'
import { defineConfig, type PolicyFile } from '../src/config/define-config.ts'

const pages = await Promise.all(
  ['embedding', 'validation'].map((name) => readFile(new URL(`../docs/${name}.md`, import.meta.url), 'utf8')),
)

/** What the block that begins with this comment returns as the options of `validate`. */
function optionsOf(name: string): object {
  const code = pages
    .join('\n')
    .split('```js\n')
    .find((block) => block.startsWith(`// ${name}\n`))
    ?.split('```')[0]
  assert.ok(code, `no block ${name}`)
  return new Function('z', 'v', 'Type', `${code}\nreturn validate`)(z, v, Type) as object
}

const onRoute = (folder: string, validate: object, mode: object = {}): PolicyFile =>
  defineConfig({
    version: 1,
    data: `sqlite:${join(folder, 'portcullis.db')}`,
    routes: [
      {
        path: '/orders/{id}',
        methods: ['PUT'],
        access: 'public',
        reason: 'a test',
        validate: { ...validate, ...mode },
      },
    ],
  })

interface Served {
  readonly url: string
  /** What the application received. */
  readonly received: string[]
  close(): Promise<void>
}

type Serve = (file: PolicyFile) => Promise<Served>

async function listen(create: (received: string[]) => Promise<{ listener: RequestListener; close(): Promise<void> }>) {
  const received: string[] = []
  const { listener, close } = await create(received)
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async close() {
      await new Promise((resolve) => server.close(resolve))
      await close()
    },
  }
}

const adapters: Readonly<Record<string, Serve>> = {
  'node:http': (config) =>
    listen(async (received) => {
      const guard = await createNodeGuard({ config })
      const listener = guard.protect(async (request, response) => {
        let text = ''
        for await (const chunk of request) text += chunk
        received.push(`${request.url} ${text}`)
        response.end()
      })
      return { listener, close: () => guard.close() }
    }),
  Express: (config) =>
    listen(async (received) => {
      const guard = await createExpressGuard({ config })
      const app = express()
      app.use(guard.middleware)
      app.use(express.text({ type: () => true }))
      app.use((request, response) => {
        received.push(`${request.url} ${request.body}`)
        response.end()
      })
      return { listener: app, close: () => guard.close() }
    }),
}

async function put(served: Served, path: string, body: string, type = 'application/json') {
  const response = await fetch(served.url + path, { method: 'PUT', body, headers: { 'content-type': type } })
  const text = await response.text()
  const { errors = [] } = (text === '' ? {} : JSON.parse(text)) as {
    errors?: { in: string; at: string; rule: string; expected: string }[]
  }
  return { status: response.status, text, told: errors.map((one) => `${one.in} ${one.at} ${one.rule}`), errors }
}

const honest = '{ "item": "tea", "count": 2 }'
/** Hostile requests, and what each library says of them, as place and rule. */
const hostile: Readonly<Record<string, readonly [string, string, Readonly<Record<string, string>>]>> = {
  'mass assignment': [
    '/orders/7',
    '{"item":"tea","count":2,"role":"SECRET-1"}',
    {
      zod: 'body /role additionalProperties',
      valibot: 'body /role additionalProperties',
      TypeBox: 'body /role additionalProperties',
    },
  ],
  'mass assignment below': [
    '/orders/7',
    '{"item":"tea","count":2,"to":{"city":"Bern","isAdmin":"SECRET-1"}}',
    {
      zod: 'body /to/isAdmin additionalProperties',
      valibot: 'body /to/isAdmin additionalProperties',
      TypeBox: 'body /to/isAdmin additionalProperties',
    },
  ],
  'mass assignment through __proto__': [
    '/orders/7',
    '{"item":"tea","count":2,"__proto__":{"role":"SECRET-1"}}',
    {
      zod: 'body /__proto__ additionalProperties',
      valibot: 'body /__proto__ additionalProperties',
      TypeBox: 'body /__proto__ additionalProperties',
    },
  ],
  'type confusion': [
    '/orders/7',
    '{"item":{"$ne":"SECRET-1"},"count":2}',
    { zod: 'body /item invalid_type', valibot: 'body /item string', TypeBox: 'body /item type' },
  ],
  'out of range': [
    '/orders/7',
    '{"item":"tea","count":424242}',
    { zod: 'body /count too_big', valibot: 'body /count max_value', TypeBox: 'body /count maximum' },
  ],
  missing: [
    '/orders/7',
    '{"count":2}',
    { zod: 'body /item invalid_type', valibot: 'body /item object', TypeBox: 'body /item required' },
  ],
  'an unknown parameter': [
    '/orders/7?debug=SECRET-1',
    honest,
    { zod: 'query debug unknown', valibot: 'query debug unknown', TypeBox: 'query debug unknown' },
  ],
  'a parameter twice': [
    '/orders/7?dryRun=true&dryRun=false',
    honest,
    { zod: 'query dryRun repeated', valibot: 'query dryRun repeated', TypeBox: 'query dryRun repeated' },
  ],
  'a parameter of another type': [
    '/orders/7?dryRun=SECRET-1',
    honest,
    { zod: 'query dryRun invalid_value', valibot: 'query dryRun picklist', TypeBox: 'query dryRun type' },
  ],
  'a path': [
    '/orders/SECRET-1',
    honest,
    { zod: 'path id invalid_format', valibot: 'path id regex', TypeBox: 'path id type' },
  ],
}

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'standard-schema-'))
})
after(() => rm(folder, { recursive: true }))

test('the example of the page on validation', async () => {
  const served = await (adapters['node:http'] as Serve)(onRoute(folder, optionsOf('libraries')))
  const send = (path: string, tenant: string) =>
    fetch(served.url + path, {
      method: 'PUT',
      body: '{"item":"tea"}',
      headers: { 'content-type': 'application/json', 'x-tenant': tenant },
    })
  try {
    assert.equal((await send('/orders/1?ids=1,2', 'abc')).status, 200)
    for (const [path, tenant] of [
      ['/orders/1?ids=1,x', 'abc'],
      ['/orders/1', 'abc'],
      ['/orders/1?ids=1', 'A'],
      ['/orders/1?ids=1&ids=2', 'abc'],
    ] as const) {
      assert.equal((await send(path, tenant)).status, 422, path)
    }
  } finally {
    await served.close()
  }
})

for (const [adapter, serve] of Object.entries(adapters)) {
  for (const library of ['zod', 'valibot', 'TypeBox']) {
    describe(`${library} on ${adapter}`, () => {
      let served: Served
      let observed: Served
      before(async () => {
        served = await serve(onRoute(folder, optionsOf(library)))
        observed = await serve(onRoute(folder, optionsOf(library), { mode: 'observe', reason: 'a test' }))
      })
      after(async () => {
        await served.close()
        await observed.close()
      })

      test('honest requests reach the application as they came', async () => {
        for (const path of ['/orders/7', '/orders/7?dryRun=true']) {
          assert.equal((await put(served, path, honest)).status, 200)
          assert.equal(served.received.at(-1), `${path} ${honest}`)
        }
      })

      for (const [name, [path, body, told]] of Object.entries(hostile)) {
        test(`${name} is refused, and told without the value`, async () => {
          const before = served.received.length
          const refused = await put(served, path, body)
          assert.deepEqual([refused.status, refused.told], [422, [told[library]]])
          assert.ok(!/SECRET-1|424242|received/.test(refused.text), refused.text)
          assert.equal(served.received.length, before)
          assert.equal((await put(observed, path, body)).status, 200, 'without it, this reaches the application')
        })
      }

      test('other types are 415, broken JSON is 400', async () => {
        assert.equal((await put(served, '/orders/7', honest, 'text/plain')).status, 415)
        assert.equal((await put(served, '/orders/7', '{"item":')).status, 400)
      })
    })
  }
}
