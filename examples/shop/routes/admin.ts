import { type Routes, sendJson } from '../call.ts'
import type { ShopParts } from '../parts.ts'

export function adminRoutes({ database }: ShopParts): Routes {
  const selectTotals = database.prepare('SELECT count(*) AS orders, sum(totalCents) AS revenueCents FROM orders')
  const selectBest = database.prepare(
    `SELECT customers.name, customers.email, sum(totalCents) AS spentCents FROM orders
     JOIN customers ON customers.id = orders.customerId
     GROUP BY customers.id ORDER BY spentCents DESC, customers.id LIMIT 5`,
  )
  return {
    // Vulnerable on purpose: meant for administrators, and the only lock is that nobody links to it.
    'GET /admin/report': (call) => {
      sendJson(call, 200, { ...selectTotals.get(), bestCustomers: selectBest.all() })
    },
  }
}
