import type { DatabaseSync } from 'node:sqlite'
import type { EventStream } from './events.ts'
import type { IdentityReader } from './identity.ts'

/** What the routes are built from. */
export interface ShopParts {
  database: DatabaseSync
  events: EventStream
  readIdentity: IdentityReader
  uploadsFolder: string
}
