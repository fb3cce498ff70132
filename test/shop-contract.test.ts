// The shop's OpenAPI document alone, with no rule written by hand, stops what the shop takes.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { type FrontedShop, startShop } from './support/fronted-shop.ts'

let shop: FrontedShop
before(async () => {
  shop = await startShop()
})
after(() => shop.close())

interface Attack {
  readonly path: string
  readonly body?: string
  readonly type?: string
  /** What of it is refused, as place and rule. */
  readonly at: readonly string[]
}

const order = { customerId: 1, productId: 1, quantity: 1 }
const review = { productId: 1, rating: 5, text: 'Fine.' }
const json = (value: unknown) => JSON.stringify(value)

const attacks: Readonly<Record<string, Attack>> = {
  'mass assignment: the price': {
    path: '/orders',
    body: json({ ...order, totalCents: 1 }),
    at: ['/totalCents additionalProperties'],
  },
  'mass assignment: paid already': {
    path: '/orders',
    body: json({ ...order, status: 'paid' }),
    at: ['/status additionalProperties'],
  },
  'mass assignment: through __proto__': {
    path: '/orders',
    body: '{"customerId":1,"productId":1,"quantity":1,"__proto__":{"status":"paid"}}',
    at: ['/__proto__ additionalProperties'],
  },
  'type confusion: a number as a text': {
    path: '/orders',
    body: json({ ...order, quantity: '1' }),
    at: ['/quantity type'],
  },
  'type confusion: a fraction of a rating': {
    path: '/reviews',
    body: json({ ...review, rating: 4.5 }),
    at: ['/rating type'],
  },
  'type confusion: a negative quantity pays the customer': {
    path: '/orders',
    body: json({ ...order, quantity: -100 }),
    at: ['/quantity minimum'],
  },
  'type confusion: JSON that does not say so': { path: '/reviews', body: json(review), type: 'text/plain', at: [] },
  'oversize: half a megabyte of review': {
    path: '/reviews',
    body: json({ ...review, text: 'x'.repeat(500_000) }),
    at: ['/text maxLength'],
  },
  'oversize: more than is read': { path: '/reviews', body: json({ ...review, text: 'x'.repeat(3_000_000) }), at: [] },
  'oversize: a long search': { path: `/search?q=${'x'.repeat(2000)}`, at: ['q maxLength'] },
  'pollution: a parameter that no one knows': { path: '/search?q=mug&debug=1', at: ['debug unknown'] },
  'pollution: a parameter twice': { path: '/search?q=mug&q=x', at: ['q repeated'] },
}

describe('attacks reach the shop on its own port, and not through Portcullis', () => {
  for (const [name, { path, body, type = 'application/json', at }] of Object.entries(attacks)) {
    test(name, async () => {
      const send = (url: string) =>
        fetch(url + path, body === undefined ? {} : { method: 'POST', headers: { 'content-type': type }, body })
      const bare = await send(shop.bareUrl)
      assert.ok(bare.status === 200 || bare.status === 201, `${bare.status} without Portcullis`)
      const refused = await send(shop.url)
      assert.ok([413, 415, 422].includes(refused.status), `${refused.status} with it`)
      const { errors = [] } = (await refused.json()) as { errors?: { at: string; rule: string }[] }
      assert.deepEqual(
        errors.map((one) => `${one.at} ${one.rule}`),
        at,
      )
    })
  }
})

test('what the document does not have is not there, or not for that method', async () => {
  assert.equal((await fetch(`${shop.url}/orders.json`)).status, 404)
  const answer = await fetch(`${shop.url}/orders`, { method: 'DELETE' })
  assert.deepEqual([answer.status, answer.headers.get('allow')], [405, 'GET, HEAD, POST'])
})

test("the shop's own tests pass through its contract as they are", { timeout: 120_000 }, () => runShopTests([]))

// One of them stores a script, which is the attack; one sends 4 MiB without a type, which would have to be held to be judged.
test("the shop's honest tests pass through the injection policy as they are", { timeout: 120_000 }, () =>
  runShopTests(['keeps reviews as they came', 'measures an upload'], { SHOP_DEFAULTS: '{ injection: {} }' }),
)

async function runShopTests(skipped: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<void> {
  // One of them sends what no client sends, to a socket: that is answered by whatever stands in front.
  const skips = ['a request target that is no path', ...skipped].map((name) => `--test-skip-pattern=${name}`)
  const hooks = new URL('support/front-the-shop.ts', import.meta.url).href
  const file = new URL('../examples/shop/shop.test.ts', import.meta.url).pathname
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const command = ['--conditions=source', `--import=${hooks}`, '--test', '--test-reporter=tap', ...skips, file]
  const { stdout } = await promisify(execFile)(process.execPath, command, { env: { ...env, ...more } })
  assert.match(stdout, /^# fail 0$/m)
  assert.match(stdout, /^# pass (9|\d\d)$/m)
}
