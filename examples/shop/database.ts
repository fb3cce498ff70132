import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { seed } from './seed.ts'

export interface Product {
  id: number
  name: string
  priceCents: number
  stock: number
}

export interface Customer {
  id: number
  name: string
  email: string
  phone: string
  cardNumber: string
}

export interface Order {
  id: number
  customerId: number
  productId: number
  quantity: number
  totalCents: number
  status: string
  createdAt: string
}

export interface Review {
  id: number
  productId: number
  author: string
  rating: number
  text: string
  createdAt: string
}

export interface Account {
  id: number
  email: string
  salt: string
  passwordHash: string
  role: string
  customerId: number | null
}

const TABLES = `
  CREATE TABLE IF NOT EXISTS products (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, priceCents INTEGER NOT NULL, stock INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS customers (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, phone TEXT NOT NULL, cardNumber TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY,
    customerId INTEGER NOT NULL REFERENCES customers, productId INTEGER NOT NULL REFERENCES products,
    quantity INTEGER NOT NULL, totalCents INTEGER NOT NULL, status TEXT NOT NULL, createdAt TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS reviews (
    id INTEGER PRIMARY KEY, productId INTEGER NOT NULL REFERENCES products,
    author TEXT NOT NULL, rating INTEGER NOT NULL, text TEXT NOT NULL, createdAt TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS accounts (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, salt TEXT NOT NULL, passwordHash TEXT NOT NULL,
    role TEXT NOT NULL, customerId INTEGER REFERENCES customers);
  CREATE TABLE IF NOT EXISTS sessions (
    token TEXT PRIMARY KEY, accountId INTEGER NOT NULL REFERENCES accounts);
`

/** Opens the shop's database (`:memory:` or a file), and fills it if it is new. */
export function openDatabase(path: string): DatabaseSync {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
  const database = new DatabaseSync(path, { timeout: 5000 })
  try {
    // IMMEDIATE: of two shops that start on one file, the second waits here and then finds it filled.
    database.exec('BEGIN IMMEDIATE')
    database.exec(TABLES)
    if (database.prepare('SELECT 1 FROM products').get() === undefined) seed(database)
    database.exec('COMMIT')
  } catch (error) {
    database.close()
    throw error
  }
  return database
}
