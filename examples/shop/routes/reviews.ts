import { HttpError, type Routes, readJson, sendJson } from '../call.ts'
import type { Review } from '../database.ts'
import type { ShopParts } from '../parts.ts'

export function reviewRoutes({ database }: ShopParts): Routes {
  const selectAll = database.prepare('SELECT * FROM reviews ORDER BY id')
  const selectByProduct = database.prepare('SELECT * FROM reviews WHERE productId = ? ORDER BY id')
  const selectProduct = database.prepare('SELECT id FROM products WHERE id = ?')
  const insert = database.prepare(
    'INSERT INTO reviews (productId, author, rating, text, createdAt) VALUES (?, ?, ?, ?, ?) RETURNING *',
  )
  return {
    'GET /reviews': (call) => {
      const productId = call.url.searchParams.get('productId')
      sendJson(call, 200, { reviews: productId === null ? selectAll.all() : selectByProduct.all(productId) })
    },

    'POST /reviews': async (call) => {
      const { productId, author, rating, text } = (await readJson(call)) as unknown as Review
      if (selectProduct.get(productId) === undefined) throw new HttpError(400, 'No such product.')
      // Vulnerable on purpose: the text is kept as it came, markup and all, and of any length.
      const review = insert.get(productId, author ?? 'Anonymous', rating, text, new Date().toISOString())
      sendJson(call, 201, review)
    },
  }
}
