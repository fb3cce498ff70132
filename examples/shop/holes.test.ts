// The holes are what the demo shows. If one closes, the demo would praise Portcullis for nothing.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Shop, startShop } from './shop.ts'

let shop: Shop
before(async () => {
  shop = await startShop()
})
after(() => shop.close())

const get = (path: string) => fetch(shop.url + path)
const post = (path: string, body: unknown) =>
  fetch(shop.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
// biome-ignore lint/suspicious/noExplicitAny: the tests look into answers of many shapes.
const json = async (answer: Response): Promise<any> => answer.json()

test('search: SQL in the query reads another table', async () => {
  const injection = "nothing' UNION SELECT id, email, cardNumber FROM customers --"
  const { results } = await json(await get(`/search?q=${encodeURIComponent(injection)}`))
  assert.equal(results.length, 12)
  assert.match(results[0].priceCents, /^\d{16}$/, 'a card number')

  const honest = await json(await get('/search?q=mug'))
  assert.equal(honest.results.length, 6)
})

test('search: SQL in the query cannot change anything, only one statement runs', async () => {
  const injection = "nothing'; DELETE FROM reviews; --"
  await get(`/search?q=${encodeURIComponent(injection)}`)
  assert.equal((await json(await get('/reviews'))).reviews.length, 40)
})

test('a fault shows its stack', async () => {
  for (const path of ['/debug/error', "/search?q='"]) {
    const answer = await get(path)
    assert.equal(answer.status, 500)
    assert.match((await json(answer)).stack, /examples\/shop\/routes\/\w+\.ts:\d+/)
  }
})

test('anyone reads the report, other customers’ orders, and card numbers', async () => {
  const report = await json(await get('/admin/report'))
  assert.equal(report.orders, 60)
  assert.equal(report.bestCustomers.length, 5)
  assert.equal((await get('/orders/1')).status, 200)
  assert.match((await json(await get('/customers/1'))).cardNumber, /^\d{16}$/)
})

test('the caller sets the price and the state of an order', async () => {
  const order = { customerId: 1, productId: 1, quantity: 1, totalCents: 1, status: 'paid' }
  const created = await json(await post('/orders', order))
  assert.equal(created.totalCents, 1)
  assert.equal(created.status, 'paid')
})

test('login tells which addresses exist, and lets anyone guess for ever', async () => {
  const unknown = await post('/login', { email: 'nobody@example.com', password: 'guess' })
  const known = await post('/login', { email: 'customer1@example.com', password: 'guess' })
  assert.notEqual(await unknown.text(), await known.text())
  for (let guess = 0; guess < 50; guess++) {
    const answer = await post('/login', { email: 'customer1@example.com', password: `guess ${guess}` })
    assert.equal(answer.status, 401)
    await answer.text()
  }
})

test('a body of any size is taken', async () => {
  const text = 'x'.repeat(3 * 1024 * 1024)
  assert.equal((await post('/reviews', { productId: 1, rating: 1, text })).status, 201)
})

test('the headers tell what runs here, and protect nothing', async () => {
  const { headers } = await get('/products')
  assert.match(headers.get('x-powered-by') ?? '', /Node\.js/)
  assert.equal(headers.get('server'), 'Shop/1.4.2')
  assert.equal(headers.get('content-security-policy'), null)
  assert.equal(headers.get('x-content-type-options'), null)
})
