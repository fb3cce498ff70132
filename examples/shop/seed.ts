import type { DatabaseSync } from 'node:sqlite'
import { hashPassword } from './password.ts'

const COLOURS = ['Blue', 'Green', 'Grey', 'Orange', 'Red', 'White']
const THINGS = ['mug', 'notebook', 'lamp', 'backpack']
const STATUSES = ['placed', 'paid', 'sent', 'delivered']
const OPINIONS = ['Does what it should.', 'Smaller than I thought.', 'Would buy it again.', 'Arrived late but whole.']
const CUSTOMERS = 12
const ORDERS = 60
const REVIEWS = 40

/** Fills an empty database. Everything follows from the row's number, so that every start has the same data. */
export function seed(database: DatabaseSync): void {
  const products = COLOURS.flatMap((colour) => THINGS.map((thing) => `${colour} ${thing}`))
  const addProduct = database.prepare('INSERT INTO products VALUES (?, ?, ?, ?)')
  for (const [index, name] of products.entries()) addProduct.run(index + 1, name, priceCents(index + 1), index % 7)

  const addCustomer = database.prepare('INSERT INTO customers VALUES (?, ?, ?, ?, ?)')
  const addAccount = database.prepare(
    'INSERT INTO accounts (email, salt, passwordHash, role, customerId) VALUES (?, ?, ?, ?, ?)',
  )
  for (let id = 1; id <= CUSTOMERS; id++) {
    // example.com and 555-01xx are reserved for use in examples.
    const phone = `+1 555 01${String(id).padStart(2, '0')}`
    addCustomer.run(id, `Customer ${id}`, `customer${id}@example.com`, phone, cardNumber(id))
    addLogin(`customer${id}`, 'customer', id)
  }
  addLogin('administrator', 'admin', null)

  const addOrder = database.prepare('INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?)')
  for (let id = 1; id <= ORDERS; id++) {
    const productId = ((id * 5) % products.length) + 1
    const quantity = (id % 3) + 1
    const status = STATUSES[id % STATUSES.length]!
    const customerId = ((id - 1) % CUSTOMERS) + 1
    addOrder.run(id, customerId, productId, quantity, quantity * priceCents(productId), status, hourOfYear(id))
  }

  const addReview = database.prepare('INSERT INTO reviews VALUES (?, ?, ?, ?, ?, ?)')
  for (let id = 1; id <= REVIEWS; id++) {
    const author = `Customer ${((id * 7) % CUSTOMERS) + 1}`
    const text = OPINIONS[id % OPINIONS.length]!
    addReview.run(id, ((id * 3) % products.length) + 1, author, (id % 3) + 3, text, hourOfYear(ORDERS + id))
  }

  function addLogin(name: string, role: string, customerId: number | null): void {
    const salt = `salt-of-${name}`
    addAccount.run(`${name}@example.com`, salt, hashPassword(`${name}-password`, salt), role, customerId)
  }
}

const priceCents = (productId: number): number => 495 + ((productId * 375) % 4000)

const hourOfYear = (hour: number): string => new Date(Date.UTC(2026, 0, 1, hour)).toISOString()

/** A number that passes the check digit test (Luhn), in a range that card issuers use for testing only. */
function cardNumber(customerId: number): string {
  const digits = `400000${String(customerId * 7919).padStart(9, '0')}`
  let sum = 0
  for (const [index, digit] of [...digits].entries()) {
    const doubled = index % 2 === 0 ? Number(digit) * 2 : Number(digit)
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return digits + ((10 - (sum % 10)) % 10)
}
