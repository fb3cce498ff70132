import { createHash, randomBytes } from 'node:crypto'
import { refuse, reply } from '../../core/decision.ts'
import type { EndpointHandler } from '../../core/policy.ts'
import { readDemands } from './demands.ts'
import { describeFailure } from './issuer-client.ts'
import type { LoginDesk } from './login-desk.ts'
import type { BrowserLoginOptions } from './options.ts'
import { toReturnPath } from './return-path.ts'

const retryAfterSeconds = 5

/** Sends a browser to the issuer, and remembers in it what for. */
export function createLogin(options: BrowserLoginOptions, { client, states, origin }: LoginDesk): EndpointHandler {
  const { paths, afterLogin, resource } = options
  const scope = [...new Set(['openid', 'profile', ...options.scopes])].join(' ')
  const avoid = Object.values(paths)

  return async (exchange) => {
    const query = new URLSearchParams(exchange.query)
    const to = toReturnPath(query.get('to'), afterLogin, avoid)
    const asked = readDemands(query)
    const [verifier, nonce] = [randomText(), randomText()]
    const { state, setCookie } = states.begin(exchange.headers, { verifier, nonce, to, asked })
    try {
      const location = await client.toAuthorizeUrl({
        ...asked,
        redirect_uri: origin + paths.callback,
        scope,
        state,
        nonce,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        ...(resource !== undefined && { resource }),
      })
      return reply(303, [
        ['location', location],
        ['set-cookie', setCookie],
        ['cache-control', 'no-store'],
      ])
    } catch (error) {
      return refuse('dependency_down', `the issuer: ${describeFailure(error)}`, { retryAfterSeconds })
    }
  }
}

function randomText(): string {
  return randomBytes(32).toString('base64url')
}
