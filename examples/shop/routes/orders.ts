import { HttpError, type Routes, readJson, sendJson } from '../call.ts'
import type { Order, Product } from '../database.ts'
import type { ShopParts } from '../parts.ts'

export function orderRoutes({ database, events }: ShopParts): Routes {
  const selectAll = database.prepare('SELECT * FROM orders ORDER BY id')
  const selectByCustomer = database.prepare('SELECT * FROM orders WHERE customerId = ? ORDER BY id')
  const selectOne = database.prepare('SELECT * FROM orders WHERE id = ?')
  const selectProduct = database.prepare('SELECT * FROM products WHERE id = ?')
  const selectCustomer = database.prepare('SELECT id FROM customers WHERE id = ?')
  const insert = database.prepare(
    `INSERT INTO orders (customerId, productId, quantity, totalCents, status, createdAt)
     VALUES (?, ?, ?, ?, ?, ?) RETURNING *`,
  )
  return {
    // Vulnerable on purpose: whoever asks sees every customer's orders.
    'GET /orders': (call) => {
      const customerId = call.url.searchParams.get('customerId')
      sendJson(call, 200, { orders: customerId === null ? selectAll.all() : selectByCustomer.all(customerId) })
    },

    'GET /orders/{id}': (call) => {
      const order = selectOne.get(call.params.id!)
      if (order === undefined) throw new HttpError(404, 'No such order.')
      sendJson(call, 200, order)
    },

    'POST /orders': async (call) => {
      const wish = (await readJson(call)) as Partial<Order> & Pick<Order, 'customerId' | 'productId' | 'quantity'>
      const product = selectProduct.get(wish.productId) as Product | undefined
      if (product === undefined) throw new HttpError(400, 'No such product.')
      if (selectCustomer.get(wish.customerId) === undefined) throw new HttpError(400, 'No such customer.')
      // Vulnerable on purpose: the caller's own `totalCents` and `status` win over the computed ones.
      const order = { totalCents: product.priceCents * wish.quantity, status: 'placed', ...wish }
      const created = insert.get(
        order.customerId,
        order.productId,
        order.quantity,
        order.totalCents,
        order.status,
        new Date().toISOString(),
      ) as unknown as Order
      events.publish('order.created', created)
      call.response.setHeader('location', `/orders/${created.id}`)
      sendJson(call, 201, created)
    },

    'GET /events': ({ response }) => events.subscribe(response),
  }
}
