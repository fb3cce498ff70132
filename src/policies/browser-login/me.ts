import { absent, type Refusal, reply } from '../../core/decision.ts'
import type { EndpointHandler } from '../../core/policy.ts'
import { refuseForStore } from '../refuse-for-store.ts'
import { refuseUnknown } from './refuse-unknown.ts'
import type { ReadTokens, TokenReader } from './token-reader.ts'
import type { KnownTokens } from './tokens.ts'

/** Tells a page who is logged in: no tokens, and nothing to pages of other origins, which no field here lets read. */
export function createMe(reader: TokenReader): EndpointHandler {
  return async (exchange) => {
    let found: ReadTokens
    try {
      found = await reader.read(exchange)
    } catch (error) {
      return refuseForStore(error)
    }
    if (found === absent) return refuseUnknown()
    if ('kind' in found) return found as Refusal
    const { tokens } = found as KnownTokens
    const { caller, told, endsAt } = tokens
    const body = {
      ...told,
      sub: caller.id,
      roles: caller.roles,
      scopes: caller.scopes,
      loggedInAt: new Date(caller.authenticatedAt).toISOString(),
      endsAt: new Date(endsAt).toISOString(),
    }
    const headers = [
      ['content-type', 'application/json'],
      ['cache-control', 'no-store'],
    ] as const
    return reply(200, headers, JSON.stringify(body))
  }
}
