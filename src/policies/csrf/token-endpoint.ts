import { type FieldPairs, refuse, reply } from '../../core/decision.ts'
import type { EndpointHandler } from '../../core/policy.ts'
import { createSourceJudge } from '../../core/request-source.ts'
import type { CsrfOptions } from './options.ts'
import type { TokenDesk } from './token-desk.ts'

export const tokenEndpointId = 'csrf-token'
export const tokenPath = '/.well-known/portcullis/csrf'

/** Hands out tokens, to our own pages and those that are trusted. */
export function createTokenEndpoint(options: CsrfOptions, desk: TokenDesk): EndpointHandler {
  const judge = createSourceJudge(options)
  return (exchange) => {
    const source = judge(exchange)
    if (source.kind === 'foreign') return refuse('csrf_foreign_origin', source.detail)
    const { token, setCookie } = desk.issue(exchange)
    const headers: FieldPairs = [
      ['content-type', 'application/json'],
      ['cache-control', 'no-store'],
      ...(setCookie === null ? [] : [['set-cookie', setCookie] as const]),
    ]
    return reply(200, headers, JSON.stringify({ token, header: options.tokenHeader, field: options.tokenField }))
  }
}
