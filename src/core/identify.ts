import { absent, type Decision, type Identification, next, refuse } from './decision.ts'
import type { Exchange } from './exchange.ts'
import type { PolicyInstance } from './pipeline.ts'
import type { CredentialHook, RequestHook } from './policy.ts'

interface Credential {
  readonly policy: string
  readonly identify: CredentialHook
}

interface Found {
  readonly policy: string
  readonly result: Identification
}

/**
 * Asks every credential policy of the route and demands exactly one answer that is not absent: two credentials on one
 * request are refused even where both hold, because another component might believe the other one.
 */
export function createIdentifyStep(instances: readonly PolicyInstance[]): RequestHook {
  const credentials = instances.flatMap(({ policy, hooks }): Credential[] =>
    hooks.identify === undefined ? [] : [{ policy, identify: hooks.identify }],
  )
  return (exchange) => ask(exchange, credentials, 0, null)
}

function ask(
  exchange: Exchange,
  credentials: readonly Credential[],
  start: number,
  before: Found | null,
): Decision | Promise<Decision> {
  let found = before
  for (let i = start; i < credentials.length; i++) {
    const { policy, identify } = credentials[i] as Credential
    const result = identify(exchange)
    if (result === absent) continue
    if (result instanceof Promise) return askLater(exchange, credentials, i, found, result)
    if (found !== null) return refuse('credential_ambiguous', `${found.policy} and ${policy}`)
    found = { policy, result }
  }
  return conclude(exchange, found)
}

async function askLater(
  exchange: Exchange,
  credentials: readonly Credential[],
  at: number,
  before: Found | null,
  pending: Promise<Identification>,
): Promise<Decision> {
  const { policy } = credentials[at] as Credential
  const result = await pending
  if (result.kind === 'absent') return ask(exchange, credentials, at + 1, before)
  if (before !== null) return refuse('credential_ambiguous', `${before.policy} and ${policy}`)
  return ask(exchange, credentials, at + 1, { policy, result })
}

function conclude(exchange: Exchange, found: Found | null): Decision {
  if (found === null) return refuse('credential_missing')
  const { policy, result } = found
  if (result.kind === 'identified') {
    exchange.principal = result.principal
    return next
  }
  exchange.decidedBy = policy
  return result.kind === 'refuse' ? result : refuse('credential_missing')
}
