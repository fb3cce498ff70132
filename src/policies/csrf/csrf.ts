import { type Decision, next, type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { isSafe } from '../../core/is-safe.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import { createSourceJudge } from '../../core/request-source.ts'
import { dataFolderPort } from '../../stores/ports/data-folder.ts'
import { readSettings } from '../sessions-block.ts'
import { createCallerReader } from './cookie-caller.ts'
import { readFormToken } from './form-token.ts'
import { createHardener } from './harden-cookie.ts'
import type { CsrfOptions } from './options.ts'
import { createTokenCookie } from './token-cookie.ts'
import { TokenDesk } from './token-desk.ts'
import { createTokenEndpoint, tokenEndpointId } from './token-endpoint.ts'
import { readTokenKey } from './token-key.ts'

export async function createCsrf(options: CsrfOptions, deps: PolicyDeps): Promise<Hooks> {
  const judge = createSourceJudge(options)
  const callerBy = createCallerReader(options.cookies)
  const tokens = options.token === 'off' ? null : await openTokens(options, deps)

  /** Every cookie credential that may change something must come from a page of ours (ASVS v5.0.0-3.5.1). */
  function authenticate(exchange: Exchange): Decision | Promise<Decision> {
    if (isSafe(exchange)) return next
    const by = callerBy(exchange)
    if (by === null) return next
    const source = judge(exchange)
    if (source.kind === 'foreign') return refuse('csrf_foreign_origin', source.detail)
    if (by === 'ambient') return next
    if (tokens === null) return source.kind === 'same' ? next : refuse('csrf_origin_missing')
    return source.kind === 'same' && options.token !== 'require' ? next : checkToken(exchange, tokens)
  }

  function checkToken(exchange: Exchange, desk: TokenDesk): Decision | Promise<Decision> {
    const values = exchange.headers.all(options.tokenHeader)
    // Two of them, and the upstream may believe the other one.
    if (values.length > 1) return refuse('csrf_token_wrong', 'it came more than once')
    if (values.length === 1) return judgeToken(exchange, desk, values[0] as string)
    return readFormToken(exchange, options.tokenField).then((found) =>
      found !== null && typeof found === 'object' ? found : judgeToken(exchange, desk, found),
    )
  }

  function judgeToken(exchange: Exchange, desk: TokenDesk, token: string | null): Decision {
    if (token === null) return refuse('csrf_token_missing')
    return desk.check(exchange, token) ? next : refuse('csrf_token_wrong')
  }

  // Where nobody has a session of ours and no other cookie is looked at, there is nothing to do.
  const isActive = deps.route.authenticated || options.cookies !== 'session'
  return {
    ...(isActive && { authenticate }),
    ...respondWith(options, tokens, deps),
    ...(tokens !== null && { endpoints: { [tokenEndpointId]: createTokenEndpoint(options, tokens) } }),
  }
}

/** What is added to answers; nothing while the policy is only being tried out. */
function respondWith(options: CsrfOptions, tokens: TokenDesk | null, { mode }: PolicyDeps): Pick<Hooks, 'respond'> {
  const harden = options.harden === undefined ? null : createHardener(options.harden)
  const handOut = tokens === null || options.tokenCookie === undefined ? null : createTokenCookie(options, tokens)
  if (mode === 'observe' || (harden === null && handOut === null)) return {}
  return {
    respond(exchange, answer): typeof next | Refusal {
      if (answer.source === 'upstream' || answer.source === 'handler') {
        harden?.(answer.headers)
        handOut?.(exchange, answer)
      }
      return next
    },
  }
}

async function openTokens(options: CsrfOptions, { provide, now, block }: PolicyDeps): Promise<TokenDesk> {
  const key = await readTokenKey(provide(dataFolderPort).path)
  return new TokenDesk({ key, now, lifetimeMs: options.tokenLifetime, sessionCookie: readSettings(block).cookie })
}
