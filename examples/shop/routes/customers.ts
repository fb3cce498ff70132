import { HttpError, type Routes, sendJson } from '../call.ts'
import type { ShopParts } from '../parts.ts'

/** Vulnerable on purpose: every column goes out, card numbers included. */
export function customerRoutes({ database }: ShopParts): Routes {
  const selectAll = database.prepare('SELECT * FROM customers ORDER BY id')
  const selectOne = database.prepare('SELECT * FROM customers WHERE id = ?')
  return {
    'GET /customers': (call) => sendJson(call, 200, { customers: selectAll.all() }),

    'GET /customers/{id}': (call) => {
      const customer = selectOne.get(call.params.id!)
      if (customer === undefined) throw new HttpError(404, 'No such customer.')
      sendJson(call, 200, customer)
    },
  }
}
