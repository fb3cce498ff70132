export interface Order {
  readonly id: number
  readonly owner: string
  readonly product: string
}

/** The orders of both applications, in memory. */
export interface Orders {
  /** Those of one owner. */
  list(owner: string): readonly Order[]
  /** Null where the input is no order. */
  add(owner: string, input: unknown): Order | null
}

export function createOrders(): Orders {
  const all: Order[] = []
  return {
    list: (owner) => all.filter((order) => order.owner === owner),
    add(owner, input) {
      const product = (input as { product?: unknown } | null)?.product
      if (typeof product !== 'string' || product === '') return null
      const order = { id: all.length + 1, owner, product }
      all.push(order)
      return order
    },
  }
}
