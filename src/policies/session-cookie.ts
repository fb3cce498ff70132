import type { SessionSettings } from './sessions-block.ts'

/**
 * The `Set-Cookie` field that hands out a session (RFC 6265bis): for this host and every path of it, never for scripts,
 * never in clear (ASVS v5.0.0-3.3.1 to 3.3.4).
 * @param lifetimeMs what is left until the session ends
 */
export function toSessionCookie(secret: string, lifetimeMs: number, settings: SessionSettings): string {
  const age = settings.persistent ? `; Max-Age=${Math.max(0, Math.floor(lifetimeMs / 1000))}` : ''
  return `${settings.cookie}=${secret}${age}${attributes(settings)}`
}

/** The one that takes it away. */
export function toClearedCookie(settings: SessionSettings): string {
  return `${settings.cookie}=; Max-Age=0${attributes(settings)}`
}

function attributes({ sameSite }: SessionSettings): string {
  return `; Path=/; Secure; HttpOnly; SameSite=${sameSite === 'strict' ? 'Strict' : 'Lax'}`
}
