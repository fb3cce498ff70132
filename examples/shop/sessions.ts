import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { DatabaseSync } from 'node:sqlite'
import type { Account } from './database.ts'

/** Sessions that never end. One token serves as the cookie and as the bearer token. */
export interface Sessions {
  start(account: Account): string
  /** Who logged in with the token that the request carries. */
  find(request: IncomingMessage): Account | undefined
}

export function createSessions(database: DatabaseSync): Sessions {
  const insert = database.prepare('INSERT INTO sessions VALUES (?, ?)')
  const select = database.prepare(
    'SELECT accounts.* FROM sessions JOIN accounts ON accounts.id = sessions.accountId WHERE token = ?',
  )
  return {
    start(account) {
      const token = randomUUID()
      insert.run(token, account.id)
      return token
    },
    find({ headers }) {
      const bearer = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1]
      const cookie = /(?:^|;\s*)session=([^;]+)/.exec(headers.cookie ?? '')?.[1]
      const token = bearer ?? cookie
      return token === undefined ? undefined : (select.get(token) as Account | undefined)
    },
  }
}
