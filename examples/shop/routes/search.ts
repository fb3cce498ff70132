import { type Routes, sendJson } from '../call.ts'
import type { ShopParts } from '../parts.ts'

export const searchRoutes = ({ database }: ShopParts): Routes => ({
  'GET /search': (call) => {
    const query = call.url.searchParams.get('q') ?? ''
    // Vulnerable on purpose: the caller's text becomes part of the SQL.
    const sql = `SELECT id, name, priceCents FROM products WHERE name LIKE '%${query}%'`
    sendJson(call, 200, { query, results: database.prepare(sql).all() })
  },
})
