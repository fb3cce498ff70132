import { type Absent, type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { PolicyDeps } from '../../core/policy.ts'
import { createRevocationCheck } from '../revocation-check.ts'
import { toClearedCookie } from '../session-cookie.ts'
import type { SessionDesk } from '../session-desk.ts'
import { createSessionReader } from '../session-reader.ts'
import type { SessionSettings } from '../sessions-block.ts'
import type { LoginDesk } from './login-desk.ts'
import type { KnownTokens } from './tokens.ts'

export type ReadTokens = Absent | Refusal | KnownTokens

export interface TokenReader {
  /** Takes the cookie out of a request and answers with the tokens of its session, fresh ones. Rejects with a `StoreError`. */
  read(exchange: Exchange): Promise<ReadTokens>
  /** Whether the session of what is still open goes on. */
  holds(known: KnownTokens): Promise<boolean>
}

interface Parts {
  readonly settings: SessionSettings
  readonly sessions: SessionDesk
  readonly desk: LoginDesk
  readonly deps: PolicyDeps
}

/** How long a session is believed without asking the store; what ends one is heard of at once. */
const believedMs = 30_000
const retryAfterSeconds = 2

export function createTokenReader({ settings, sessions, desk, deps }: Parts): TokenReader {
  const readSession = createSessionReader(settings, sessions, deps.now, believedMs)
  const revocations = createRevocationCheck(deps.provide)
  const { vault, refresher, mapping } = desk
  const cleared = { headers: [['set-cookie', toClearedCookie(settings)]] } as const

  async function read(exchange: Exchange): Promise<ReadTokens> {
    const session = await readSession(exchange)
    if (session.kind !== undefined) return session
    const { id, caller } = session.record
    if (caller.issuer !== mapping.issuer) return refuse('login_elsewhere', caller.issuer)
    const known = await vault.find(id)
    if (known === null) {
      await refresher.end(id, 'its tokens are gone')
      return refuse('login_ended', id, cleared)
    }
    const revoked = await revocations.find(known)
    if (revoked !== null) {
      await refresher.end(id, `revoked by its ${revoked}`)
      return refuse('login_revoked', id, cleared)
    }
    const fresh = await refresher.use(id, known)
    if (fresh === 'ended') return refuse('login_ended', id, cleared)
    if (fresh === 'away') return refuse('dependency_down', 'the issuer gives no new token', { retryAfterSeconds })
    return fresh
  }

  async function holds(known: KnownTokens): Promise<boolean> {
    const { id } = known.identified.principal.credential
    return (await vault.find(id)) !== null && (await revocations.find(known)) === null
  }

  return { read, holds }
}
