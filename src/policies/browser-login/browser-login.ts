import type { Answer } from '../../core/answer.ts'
import { absent, type Identification, type Next, next, type Refusal } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { isNavigation } from '../../core/is-navigation.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import { removeField } from '../../core/remove-field.ts'
import { refuseForStore } from '../refuse-for-store.ts'
import { openDesk } from '../session-desk.ts'
import { readSettings } from '../sessions-block.ts'
import { createBackchannelLogout } from './backchannel-logout.ts'
import { createCallback } from './callback.ts'
import { type Demands, parseChallenge, wasAsked } from './demands.ts'
import { createLogin } from './login.ts'
import { openLoginDesk } from './login-desk.ts'
import { createLogout } from './logout.ts'
import { createMe } from './me.ts'
import type { BrowserLoginOptions } from './options.ts'
import { challenge } from './refuse-unknown.ts'
import { createTokenReader, type ReadTokens } from './token-reader.ts'
import type { KnownTokens } from './tokens.ts'

/** How often a socket is asked about: opaque tokens end without a word. */
const recheckMs = 10_000

export async function createBrowserLogin(options: BrowserLoginOptions, deps: PolicyDeps): Promise<Hooks> {
  const settings = readSettings(deps.block)
  const sessions = openDesk(settings, deps)
  const desk = await openLoginDesk(options, deps)
  const reader = createTokenReader({ settings, sessions, desk, deps })
  const held = deps.slot<KnownTokens>()
  const { paths, attach } = options

  function identify(exchange: Exchange): Identification | Promise<Identification> {
    return reader.read(exchange).then((found) => admit(exchange, found), refuseForStore)
  }

  function admit(exchange: Exchange, found: ReadTokens): Identification {
    if (found === absent || 'kind' in found) return found as Identification
    held.set(exchange, found as KnownTokens)
    return (found as KnownTokens).identified
  }

  async function stillHolds(exchange: Exchange): Promise<boolean> {
    const known = held.get(exchange)
    return known !== undefined && reader.holds(known)
  }

  /** The upstream sees what the issuer said, whatever the browser wrote there. */
  function forward(exchange: Exchange): Next | Refusal {
    const known = held.get(exchange)
    if (known === undefined) return next
    removeField(exchange.headers, 'authorization')
    exchange.upstreamFields.push('authorization', `Bearer ${known.tokens.accessToken}`)
    return next
  }

  /** A person who is not logged in is sent there, and comes back; a script is told so. */
  function respond(exchange: Exchange, answer: Answer): Next {
    const { method, headers, refusal, upgrade } = exchange
    if (answer.source !== 'problem' || answer.status !== 401 || refusal === null || upgrade !== null) return next
    if (method !== 'GET' || !isNavigation(method, headers)) return next
    const demands = findDemands(exchange, answer)
    if (demands === null) return next
    const to = exchange.path + (exchange.query === '' ? '' : `?${exchange.query}`)
    answer.status = 303
    answer.body = null
    for (const name of ['content-type', 'www-authenticate']) answer.headers.delete(name)
    answer.headers.set('location', `${paths.login}?${new URLSearchParams({ to, ...demands })}`)
    return next
  }

  /** What a login would change; null where none would. */
  function findDemands(exchange: Exchange, answer: Answer): Demands | null {
    const { decidedBy } = exchange
    if (decidedBy === null || decidedBy === 'browser-login') return {}
    const login = held.get(exchange)?.tokens.login
    const demands = parseChallenge(answer.headers.get('www-authenticate'))
    return login === undefined || demands === null || wasAsked(demands, login, deps.now()) ? null : demands
  }

  return {
    identify,
    stillHolds,
    recheckMs,
    challenge,
    respond,
    ...(attach === 'accessToken' && { forward }),
    endpoints: {
      login: createLogin(options, desk),
      callback: createCallback({ options, desk, settings, sessions, deps }),
      logout: createLogout({ options, desk, settings, sessions, deps }),
      me: createMe(reader),
      backchannel: createBackchannelLogout({ options, desk, settings, sessions, deps }),
    },
  }
}
