import { HttpError, type Routes, readJson, sendJson } from '../call.ts'
import type { Account } from '../database.ts'
import type { ShopParts } from '../parts.ts'
import { hashPassword } from '../password.ts'
import { createSessions } from '../sessions.ts'

export function loginRoutes({ database, readIdentity }: ShopParts): Routes {
  const sessions = createSessions(database)
  const selectAccount = database.prepare('SELECT * FROM accounts WHERE email = ?')
  return {
    // Vulnerable on purpose: no limit on guesses, and the answer tells which e-mail addresses exist.
    'POST /login': async (call) => {
      const { email, password } = await readJson(call)
      const account = selectAccount.get(String(email)) as Account | undefined
      if (account === undefined) throw new HttpError(401, 'No account has this e-mail address.')
      if (hashPassword(String(password), account.salt) !== account.passwordHash) {
        throw new HttpError(401, 'Wrong password.')
      }
      const token = sessions.start(account)
      // Vulnerable on purpose: readable by scripts, sent across sites and in clear.
      call.response.setHeader('set-cookie', `session=${token}; Path=/`)
      sendJson(call, 200, { token, role: account.role, customerId: account.customerId })
    },

    'GET /me': async (call) => {
      const identity = await readIdentity(call.request)
      if (identity !== undefined) return sendJson(call, 200, { ...identity, via: 'gateway' })
      const account = sessions.find(call.request)
      if (account === undefined) throw new HttpError(401, 'Nobody is logged in.')
      sendJson(call, 200, {
        subject: account.email,
        roles: [account.role],
        scopes: [],
        verified: true,
        via: 'session',
      })
    },
  }
}
