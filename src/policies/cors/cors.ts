import { type Next, next, type Refusal, refuse, reply } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { createOriginSet } from '../../core/origin.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import type { ProblemCodes } from '../../core/problems.ts'
import { isSameOrigin } from '../../core/same-origin.ts'
import type { CorsOptions } from './options.ts'
import { createVary } from './vary.ts'

export const corsCodes = {
  cors_preflight_refused: {
    public: 'forbidden',
    meaning: 'A page of an origin that `cors.origins` does not list asked whether it may call.',
  },
  cors_origin_refused: {
    public: 'forbidden',
    meaning: 'A page of an origin that `cors.origins` does not list sent a request; see `enforceOrigin`.',
  },
} as const satisfies ProblemCodes

/** What the request's origin gets: nothing (no origin, or one that is not listed), the answer, or a preflight's grant. */
type Grant = 'none' | 'answer' | 'preflight'

const commonMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
const preflightReply = reply(204)

export function createCors(options: CorsOptions, deps: PolicyDeps): Hooks {
  const anyOrigin = options.origins.includes('*')
  const allowsNull = options.unsafeAllowNullOrigin !== undefined
  const listed = createOriginSet(options.origins)
  const answerFields = toAnswerFields(options)
  const preflightFields = toPreflightFields(options, deps.route.methods)
  // With `*` the fields are the same for everybody, so caches need no `Vary`.
  const varyOnAnswer = anyOrigin ? null : createVary(['Origin'])
  const varyOnPreflight = createVary([
    'Origin',
    'Access-Control-Request-Method',
    'Access-Control-Request-Headers',
    ...(options.privateNetwork ? ['Access-Control-Request-Private-Network'] : []),
  ])
  const grants = deps.slot<Grant>()

  function grant(exchange: Exchange): Grant {
    let known = grants.get(exchange)
    if (known === undefined) {
      known = decideGrant(exchange)
      grants.set(exchange, known)
    }
    return known
  }

  function decideGrant(exchange: Exchange): Grant {
    const origin = exchange.headers.get('origin')
    if (origin === undefined) return anyOrigin ? 'answer' : 'none'
    if (!anyOrigin && !listed.includes(origin) && !(allowsNull && origin === 'null')) return 'none'
    return isPreflight(exchange) ? 'preflight' : 'answer'
  }

  function checkOrigin(exchange: Exchange): Next | Refusal {
    if (grant(exchange) !== 'none') return next
    const origin = exchange.headers.get('origin')
    if (origin === undefined) return next
    // Fetch asks for an ok status, so a refusal stops the browser; 403 also puts it into the log and the metrics.
    if (isPreflight(exchange)) return refuse('cors_preflight_refused', describe(origin))
    if (!isEnforced(options, exchange) || isSameOrigin(origin, exchange)) return next
    return refuse('cors_origin_refused', describe(origin))
  }

  // While it is being tried out, the upstream answers preflights and says who may read, as before.
  if (deps.mode === 'observe') return { guard: checkOrigin }

  return {
    guard: (exchange) => (grant(exchange) === 'preflight' ? preflightReply : checkOrigin(exchange)),

    respond(exchange, answer) {
      const flat = answer.headers.flat
      removeCorsFields(flat)
      if (exchange.method === 'OPTIONS') varyOnPreflight(flat)
      else varyOnAnswer?.(flat)
      const granted = grant(exchange)
      if (granted === 'none') return next
      flat.push('access-control-allow-origin', anyOrigin ? '*' : (exchange.headers.get('origin') as string))
      if (granted === 'answer') {
        for (let i = 0; i < answerFields.length; i++) flat.push(answerFields[i] as string)
        return next
      }
      for (let i = 0; i < preflightFields.length; i++) flat.push(preflightFields[i] as string)
      if (options.privateNetwork && exchange.headers.get('access-control-request-private-network') === 'true') {
        flat.push('access-control-allow-private-network', 'true')
      }
      return next
    },
  }
}

function isPreflight(exchange: Exchange): boolean {
  return exchange.method === 'OPTIONS' && exchange.headers.has('access-control-request-method')
}

/** Browsers apply no CORS to WebSocket handshakes, so their origin is only ever checked here. */
function isEnforced(options: CorsOptions, { method, upgrade }: Exchange): boolean {
  if (options.enforceOrigin !== 'unsafe') return options.enforceOrigin === 'all'
  return upgrade !== null || (method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS')
}

/** Drops what the upstream says of CORS in one pass, so that there is one truth. */
function removeCorsFields(flat: string[]): void {
  let kept = 0
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string
    if (name.charCodeAt(0) === 0x61 && name.startsWith('access-control-')) continue
    if (kept !== i) {
      flat[kept] = name
      flat[kept + 1] = flat[i + 1] as string
    }
    kept += 2
  }
  if (kept !== flat.length) flat.length = kept
}

function toAnswerFields(options: CorsOptions): string[] {
  const fields: string[] = []
  if (options.credentials) fields.push('access-control-allow-credentials', 'true')
  if (options.exposedHeaders.length > 0) {
    fields.push('access-control-expose-headers', options.exposedHeaders.join(', '))
  }
  return fields
}

function toPreflightFields(options: CorsOptions, routeMethods: readonly string[]): string[] {
  const served = routeMethods.length === 0 ? (options.methods ?? commonMethods) : withHead(routeMethods)
  const methods = served.filter((method) => options.methods?.includes(method) ?? true)
  const fields = ['access-control-max-age', String(Math.floor(options.maxAge / 1000))]
  if (methods.length > 0) fields.push('access-control-allow-methods', methods.join(', '))
  if (options.allowedHeaders.length > 0) fields.push('access-control-allow-headers', options.allowedHeaders.join(', '))
  if (options.credentials) fields.push('access-control-allow-credentials', 'true')
  return fields
}

function withHead(methods: readonly string[]): readonly string[] {
  return methods.includes('GET') && !methods.includes('HEAD') ? [...methods, 'HEAD'] : methods
}

/** An attacker writes this into our log, so it is cut. */
function describe(origin: string): string {
  return `origin ${JSON.stringify(origin.slice(0, 200))}`
}
