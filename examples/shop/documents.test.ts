// openapi.yaml and portcullis.yaml say what the shop does; here they are held against the shop itself.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { parse } from 'yaml'
import { fromJSONSchema } from 'zod'
import { openDatabase } from './database.ts'
import { createEventStream } from './events.ts'
import { createIdentityReader } from './identity.ts'
import { createRoutes } from './routes/index.ts'
import { type Shop, startShop } from './shop.ts'

type Json = Record<string, unknown>
interface Operation {
  responses: Record<string, Json>
  requestBody?: Json
}
interface PolicyRoute {
  path: string
  methods: string[]
  authenticate?: string[]
  access?: string
  reason?: string
}

const read = async (name: string) => parse(await readFile(new URL(name, import.meta.url), 'utf8'))
const openapi = await read('openapi.yaml')
const policy = await read('portcullis.yaml')

const operations = Object.entries(openapi.paths as Record<string, Record<string, Operation>>).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
)

let shop: Shop
before(async () => {
  shop = await startShop()
})
after(() => shop.close())

test('openapi.yaml has exactly the routes of the shop', () => {
  const database = openDatabase(':memory:')
  const events = createEventStream()
  const routes = createRoutes({ database, events, readIdentity: createIdentityReader(), uploadsFolder: '' })
  database.close()
  events.close()
  assert.deepEqual(operations.map(({ method, path }) => `${method} ${path}`).sort(), Object.keys(routes).sort())
})

test('every operation answers as openapi.yaml says', async () => {
  const order = { customerId: 1, productId: 1, quantity: 1 }
  const login = { email: 'customer1@example.com', password: 'customer1-password' }
  const bodies: Record<string, unknown> = {
    '/orders': order,
    '/reviews': { productId: 1, rating: 4, text: 'Fine.' },
    '/login': login,
    '/uploads': 'some bytes',
  }
  const { token } = (await (await send('POST', '/login', login)).json()) as { token: string }

  let checked = 0
  for (const { method, path, operation } of operations) {
    const body = method === 'POST' ? bodies[path] : undefined
    // Once with a number that exists, once with one that does not; once logged in, once not.
    const targets = path.includes('{id}') ? [path.replace('{id}', '1'), path.replace('{id}', '9999')] : [path]
    for (const target of targets) {
      for (const headers of [{}, { authorization: `Bearer ${token}` }]) {
        checked += await checkAnswer(operation, `${method} ${target}`, await send(method, target, body, headers))
      }
    }
    if (method !== 'POST' || path === '/uploads') continue
    await checkAnswer(operation, `${method} ${path} with half a body`, await send(method, path, '{"half":'))
  }
  assert.ok(checked >= operations.length * 2 - 2, `${checked} bodies were checked`)
})

test('the request bodies in openapi.yaml allow the honest order and not the dishonest one', () => {
  const schema = toZod(openapi.components.schemas.NewOrder)
  const honest = { customerId: 1, productId: 1, quantity: 1 }
  assert.ok(schema.safeParse(honest).success)
  assert.ok(!schema.safeParse({ ...honest, totalCents: 1 }).success)
  assert.ok(!schema.safeParse({ ...honest, quantity: -1 }).success)
})

test('portcullis.yaml covers every operation once, and nothing that does not exist', () => {
  const routes: PolicyRoute[] = policy.routes
  const covers = (route: PolicyRoute, method: string, path: string) =>
    route.methods.includes(method) &&
    (route.path === path || (route.path.endsWith('/**') && path.startsWith(route.path.slice(0, -2))))

  for (const { method, path } of operations) {
    const found = routes.filter((route) => covers(route, method, path))
    assert.equal(found.length, 1, `${method} ${path}`)
  }
  for (const route of routes) {
    for (const method of route.methods) {
      const found = operations.some(
        (operation) => covers(route, operation.method, operation.path) && operation.method === method,
      )
      assert.ok(found, `${method} ${route.path} exists`)
    }
    const isPublic = route.access === 'public' && typeof route.reason === 'string'
    assert.notEqual(
      isPublic,
      Array.isArray(route.authenticate),
      `${route.path} is public with a reason, or authenticates`,
    )
  }
})

function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
  return fetch(shop.url + path, { method, headers, ...(text !== undefined && { body: text }) })
}

/** Returns how many bodies were held against a schema: 1, or 0 for a stream. */
async function checkAnswer(operation: Operation, name: string, answer: Response): Promise<number> {
  const described = operation.responses[answer.status]
  assert.ok(described, `${name} answered ${answer.status}, which openapi.yaml does not know`)
  const { content } = resolve(described) as { content: Record<string, { schema: Json }> }
  const type = answer.headers.get('content-type')!.split(';')[0]!
  assert.ok(content[type], `${name} answered ${type}, which openapi.yaml does not know`)
  if (type !== 'application/json') {
    await answer.body!.cancel()
    return 0
  }
  const result = toZod(content[type].schema).safeParse(await answer.json())
  assert.ok(result.success, `${name}: ${result.error?.message}`)
  return 1
}

const toZod = (schema: Json) => fromJSONSchema(resolve(schema) as Parameters<typeof fromJSONSchema>[0])

/** Puts what a `$ref` points at in its place; there are no cycles in the document. */
function resolve(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(resolve)
  if (typeof node !== 'object' || node === null) return node
  if ('$ref' in node) {
    const steps = String(node.$ref).slice(2).split('/')
    return resolve(steps.reduce((found, step) => found[step] as Json, openapi as Json))
  }
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, resolve(value)]))
}
