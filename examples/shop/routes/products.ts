import { HttpError, type Routes, sendJson } from '../call.ts'
import type { ShopParts } from '../parts.ts'

export function productRoutes({ database }: ShopParts): Routes {
  const selectAll = database.prepare('SELECT * FROM products ORDER BY id')
  const selectOne = database.prepare('SELECT * FROM products WHERE id = ?')
  return {
    'GET /products': (call) => sendJson(call, 200, { products: selectAll.all() }),

    'GET /products/{id}': (call) => {
      const product = selectOne.get(call.params.id!)
      if (product === undefined) throw new HttpError(404, 'No such product.')
      sendJson(call, 200, product)
    },
  }
}
