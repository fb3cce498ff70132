import { refuse, reply } from '../../core/decision.ts'
import type { EndpointHandler } from '../../core/policy.ts'
import { refuseForStore } from '../refuse-for-store.ts'
import type { EndpointParts } from './callback.ts'
import { describeFailure } from './issuer-client.ts'
import { readLogoutToken } from './logout-token.ts'
import { toSessionName } from './to-tokens.ts'

const maxBytes = 16 * 1024
const retryAfterSeconds = 5

/** Ends the sessions of a login that its issuer has ended. Their tokens go, and a second later nobody believes in them. */
export function createBackchannelLogout({ desk, deps }: EndpointParts): EndpointHandler {
  const { client, mapping, vault } = desk
  const done = reply(200, [['cache-control', 'no-store']])

  return async (exchange) => {
    const body = await exchange.body.collect(maxBytes)
    if ('kind' in body) return body
    const text = new URLSearchParams(Buffer.from(body).toString('latin1')).get('logout_token') ?? ''
    let sid: string | null
    try {
      const rules = { issuer: mapping.issuer, clientId: client.id, now: deps.now(), keys: () => client.keys() }
      sid = await readLogoutToken(text, rules)
    } catch (error) {
      return refuse('dependency_down', `the issuer: ${describeFailure(error)}`, { retryAfterSeconds })
    }
    if (sid === null) return refuse('logout_token_invalid')
    try {
      await vault.endLogin(toSessionName(mapping.issuer, sid))
    } catch (error) {
      return refuseForStore(error)
    }
    return done
  }
}
