import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { type Shop, startShop } from './shop.ts'

let shop: Shop
before(async () => {
  shop = await startShop()
})
after(() => shop.close())

const get = (path: string, headers: Record<string, string> = {}) => fetch(shop.url + path, { headers })
const post = (path: string, body: unknown) =>
  fetch(shop.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
// biome-ignore lint/suspicious/noExplicitAny: the tests look into answers of many shapes.
const json = async (answer: Response): Promise<any> => answer.json()

test('listens on the loopback address only, and says it is up', async () => {
  assert.match(shop.url, /^http:\/\/127\.0\.0\.1:\d+$/)
  const answer = await get('/health')
  assert.equal(answer.status, 200)
  assert.deepEqual(await answer.json(), { status: 'ok' })
})

test('has the same data on every start', async () => {
  const other = await startShop()
  try {
    for (const path of ['/products', '/customers', '/orders', '/reviews']) {
      const [here, there] = await Promise.all([get(path), fetch(other.url + path)])
      const text = await here.text()
      assert.equal(text, await there.text())
      assert.ok(text.length > 1000, `${path} has data`)
    }
  } finally {
    await other.close()
  }
})

test('customers have card numbers that pass the check digit test', async () => {
  const { customers } = await json(await get('/customers'))
  assert.equal(customers.length, 12)
  for (const { name, email, phone, cardNumber } of customers) {
    assert.match(name, /^Customer \d+$/)
    assert.match(email, /^customer\d+@example\.com$/)
    assert.match(phone, /^\+1 555 01\d\d$/)
    assert.match(cardNumber, /^\d{16}$/)
    const sum = [...cardNumber].reverse().reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 1 ? 2 : 1)
      return total + (value > 9 ? value - 9 : value)
    }, 0)
    assert.equal(sum % 10, 0, cardNumber)
  }
})

test('answers single products, orders and customers, and 404 for those it does not have', async () => {
  assert.equal((await json(await get('/products/1'))).name, 'Blue mug')
  assert.equal((await json(await get('/orders/1'))).customerId, 1)
  assert.equal((await json(await get('/customers/3'))).name, 'Customer 3')
  for (const path of ['/products/999', '/orders/999', '/customers/999', '/nowhere', '/products/1/more']) {
    assert.equal((await get(path)).status, 404, path)
  }
})

test('takes an order, computes its total, and lists it', async () => {
  const answer = await post('/orders', { customerId: 2, productId: 1, quantity: 3 })
  assert.equal(answer.status, 201)
  const order = await json(answer)
  const product = await json(await get('/products/1'))
  assert.equal(order.totalCents, product.priceCents * 3)
  assert.equal(order.status, 'placed')
  assert.equal(answer.headers.get('location'), `/orders/${order.id}`)
  assert.deepEqual(await json(await get(`/orders/${order.id}`)), order)
  const { orders } = await json(await get('/orders?customerId=2'))
  assert.deepEqual(orders.at(-1), order)
  assert.ok(orders.every((one: { customerId: number }) => one.customerId === 2))
})

test('refuses an order of something or for someone that it does not know, and a body that is not JSON', async () => {
  assert.equal((await post('/orders', { customerId: 2, productId: 999, quantity: 1 })).status, 400)
  assert.equal((await post('/orders', { customerId: 999, productId: 1, quantity: 1 })).status, 400)
  assert.equal((await post('/orders', '{"customerId":')).status, 400)
})

test('keeps reviews as they came', async () => {
  const text = '<script>alert(1)</script> & more'
  const answer = await post('/reviews', { productId: 5, rating: 5, text })
  assert.equal(answer.status, 201)
  const review = await json(answer)
  assert.equal(review.author, 'Anonymous')
  const { reviews } = await json(await get('/reviews?productId=5'))
  assert.deepEqual(reviews.at(-1), review)
  assert.equal(reviews.at(-1).text, text)
})

test('logs in, and knows the caller by cookie and by bearer token', async () => {
  assert.equal((await get('/me')).status, 401)
  assert.equal((await post('/login', { email: 'customer1@example.com', password: 'guess' })).status, 401)

  const answer = await post('/login', { email: 'customer1@example.com', password: 'customer1-password' })
  assert.equal(answer.status, 200)
  const { token, customerId, role } = await json(answer)
  assert.deepEqual({ customerId, role }, { customerId: 1, role: 'customer' })
  assert.equal(answer.headers.get('set-cookie'), `session=${token}; Path=/`)

  const byBearer = await json(await get('/me', { authorization: `Bearer ${token}` }))
  const byCookie = await json(await get('/me', { cookie: `theme=dark; session=${token}` }))
  assert.equal(byBearer.subject, 'customer1@example.com')
  assert.deepEqual(byCookie, byBearer)
  assert.equal((await get('/me', { authorization: `Bearer ${token}x` })).status, 401)
})

test('measures an upload while it streams to disk', async () => {
  const chunk = Buffer.alloc(64 * 1024, 'upload')
  const count = 64
  const hash = createHash('sha256')
  for (let index = 0; index < count; index++) hash.update(chunk)
  const body = Readable.toWeb(Readable.from(Array(count).fill(chunk))) as ReadableStream
  const answer = await fetch(`${shop.url}/uploads`, { method: 'POST', body, duplex: 'half' } as RequestInit)
  assert.equal(answer.status, 201)
  const { bytes, sha256 } = await json(answer)
  assert.equal(bytes, count * chunk.length)
  assert.equal(sha256, hash.digest('hex'))
})

test('sends order events to those who listen', async () => {
  const answer = await get('/events')
  assert.equal(answer.headers.get('content-type'), 'text/event-stream')
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
  assert.deepEqual(await reader.read(), { done: false, value: 'retry: 2000\n\n' })

  const order = await json(await post('/orders', { customerId: 4, productId: 2, quantity: 1 }))
  const { value } = await reader.read()
  assert.match(value!, /^id: \d+\nevent: order\.created\ndata: .*\n\n$/)
  assert.deepEqual(JSON.parse(/data: (.*)/.exec(value!)![1]!), order)
  await reader.cancel()
})

test('follows GET on HEAD, and names a wrong method', async () => {
  const head = await fetch(`${shop.url}/products`, { method: 'HEAD' })
  assert.equal(head.status, 200)
  assert.equal(await head.text(), '')
  assert.equal((await fetch(`${shop.url}/products`, { method: 'DELETE' })).status, 405)
})

test('a request target that is no path is answered, not fatal', async () => {
  for (const target of ['//', '*', 'http://elsewhere/', '/%zz']) {
    const socket = connect(Number(new URL(shop.url).port), '127.0.0.1')
    socket.write(`GET ${target} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n`)
    const [head] = await once(socket, 'data')
    assert.match(String(head), /^HTTP\/1\.1 404 /, target)
    socket.destroy()
  }
  assert.equal((await get('/health')).status, 200)
})
