// What the holes of holes.test.ts become when the gateway of portcullis.yaml stands in front.
import assert from 'node:assert/strict'
import { copyFileSync, readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type ServedGateway, serveGateway } from '../../test/support/served-gateway.ts'
import { type Shop, startShop } from './shop.ts'

interface Got {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into answers of many shapes.
  readonly body: any
}

let shop: Shop
let gateway: ServedGateway
let key: string
before(async () => {
  shop = await startShop()
  const file = readFileSync(new URL('portcullis.yaml', import.meta.url), 'utf8')
  gateway = await serveGateway((folder) => {
    copyFileSync(new URL('openapi.yaml', import.meta.url), join(folder, 'openapi.yaml'))
    return file
      .replace('port: 8443', 'host: 127.0.0.1, port: 0')
      .replace('port: 8080', 'host: 127.0.0.1, port: 0')
      .replace('port: 9443', 'port: 0')
      .replace('http://127.0.0.1:3000', shop.url)
  })
  key = await gateway.createKey('visitor')
})
after(async () => {
  await gateway?.stop()
  await shop?.close()
})

const direct = async (path: string, review?: object): Promise<Got> => {
  const post = review && { method: 'POST', headers: json, body: JSON.stringify(review) }
  const answer = await fetch(shop.url + path, post ?? {})
  return { status: answer.status, body: await answer.json() }
}
const json = { 'content-type': 'application/json' }

/** Through the gateway, whose certificate is made for the test. */
function inFront(path: string, body?: string | object, headers: Record<string, string> = json): Promise<Got> {
  const url = new URL(
    path,
    gateway.urls.find((one) => one.startsWith('https:')),
  )
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST'
    const fields = { 'x-api-key': key, ...(body !== undefined && headers) }
    const sent = request(url, { method, headers: fields, rejectUnauthorized: false }, async (answer) => {
      const chunks: Buffer[] = []
      for await (const chunk of answer) chunks.push(chunk)
      resolve({ status: answer.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString() || 'null') })
    })
    sent.on('error', reject)
    sent.end(typeof body === 'object' ? JSON.stringify(body) : body)
  })
}

const search = (text: string) => `/search?q=${encodeURIComponent(text)}`
const review = (text: string) => ({ productId: 1, author: "Nora O'Brien", rating: 5, text })

test('SQL in a search reads card numbers from the shop, and nothing through the gateway', async () => {
  const injection = "nothing' UNION SELECT id, email, cardNumber FROM customers --"
  assert.match((await direct(search(injection))).body.results[0].priceCents, /^\d{16}$/)
  for (const text of [
    injection,
    injection.toLowerCase(),
    injection.replaceAll(' ', '/**/'),
    "x%' OR 1=1 --",
    "x' AND (SELECT count(*) FROM customers) > 0 --",
  ]) {
    const { status, body } = await inFront(search(text))
    assert.equal(status, 422, text)
    assert.deepEqual([body.errors[0].in, body.errors[0].at], ['query', 'q'])
  }
})

test('a script in a review is kept by the shop, and does not reach it through the gateway', async () => {
  const script = '<script>alert(1)</script> & more'
  const kept = await direct('/reviews', review(script))
  assert.deepEqual([kept.status, kept.body.text], [201, script])
  const { length } = (await direct('/reviews')).body.reviews
  for (const text of [script, '<img src=x onerror=alert(1)>', 'Nice!<svg/onload=alert(1)>']) {
    const { status, body } = await inFront('/reviews', review(text))
    assert.equal(status, 422, text)
    assert.deepEqual([body.errors[0].in, body.errors[0].at], ['body', '/text'])
  }
  // The shop reads JSON whatever the type says.
  for (const type of ['text/plain', 'application/octet-stream', 'application/x-www-form-urlencoded']) {
    const { status } = await inFront('/reviews', JSON.stringify(review(script)), { 'content-type': type })
    assert.ok([415, 422].includes(status), `${type}: ${status}`)
  }
  assert.ok([400, 415].includes((await inFront('/reviews', JSON.stringify(review(script)), {})).status))
  assert.equal((await direct('/reviews')).body.reviews.length, length)
})

test('honest searches and reviews pass', async () => {
  const searches = [
    'mug',
    'mug or cup',
    '50% off',
    "children's",
    '"blue mug"',
    'black & white',
    'select a table -- or two',
  ]
  for (const text of searches.filter((one) => !one.includes("'"))) {
    assert.equal((await inFront(search(text))).status, 200, text)
  }
  // The shop breaks on it, as it does without the gateway: it was let through.
  assert.equal((await inFront(search("children's"))).status, 500)
  for (const text of [
    "It's 5' x 3' -- and my wife's favourite; 10/10 <3",
    'Union made. Select "large" or drop down a size & update your order.',
    '**Great** mug, see [my blog](https://example.com/?a=1&b=2)',
    '这个杯子很好用！',
  ]) {
    const { status, body } = await inFront('/reviews', review(text))
    assert.deepEqual([status, body.text], [201, text])
  }
})
