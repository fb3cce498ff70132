/** What the upstream, and each handler that has none, answers: about 1 kB of JSON, as an order would be. */
export const answer = JSON.stringify({
  id: 7,
  customer: 'customer-7',
  status: 'paid',
  lines: Array.from({ length: 14 }, (_, i) => ({ sku: `sku-${i}`, name: `Product number ${i}`, quantity: 1 + i })),
  total: { amount: 19_990, currency: 'EUR' },
})

/** The path that is asked for. */
export const path = '/orders/7'
