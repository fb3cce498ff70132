import type { EventEmitter } from 'node:events'
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { PolicyLog } from '../../core/telemetry.ts'

/** Where clients are told no. What they are told is short; the reason is for who runs the server. */
const events = [
  'authorization.error',
  'grant.error',
  'pushed_authorization_request.error',
  'introspection.error',
  'revocation.error',
  'end_session.error',
  'device_authorization.error',
  'code_verification.error',
  'device_resume.error',
  'userinfo.error',
  'end_session_confirm.error',
] as const

interface Refused {
  readonly error?: unknown
  readonly error_detail?: unknown
  readonly error_description?: unknown
}

/** Lengths are bounded because callers choose some of it; nothing of a code or token stands in it. */
const maxLength = 200

export function noteRefusals(provider: Provider, log: PolicyLog): void {
  const emitter: EventEmitter = provider
  for (const event of events) {
    emitter.on(event, (ctx: KoaContextWithOIDC, refused: Refused) => {
      const reason = String(refused.error_detail ?? refused.error_description ?? '')
      log.info('identity_refused', {
        at: event.slice(0, event.indexOf('.')),
        error: String(refused.error ?? '').slice(0, maxLength),
        reason: reason.slice(0, maxLength),
        client: ctx.oidc?.client?.clientId ?? null,
      })
    })
  }
}
