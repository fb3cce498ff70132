import type { Configuration } from 'oidc-provider'
import { legacySeconds } from '../legacy/sunset.ts'
import type { IdentityOptions } from '../options.ts'

/** A login may take so long: a password is looked for, a second one tried. */
const interactionSeconds = 3600
const codeSeconds = 60
const pushedSeconds = 60
/** Somebody walks to another screen, and logs in there. */
const deviceCodeSeconds = 600
const idTokenSeconds = 600

/** How long each thing lives, in seconds. */
export function toLifetimes({ accessTokens, refreshTokens, sessions }: IdentityOptions): Configuration['ttl'] {
  const seconds = (ms: number) => Math.ceil(ms / 1000)
  const access = seconds(accessTokens.lifetime)
  const idle = seconds(refreshTokens.idle)
  const line = seconds(refreshTokens.lifetime)
  return {
    AccessToken: (_ctx, token) => (token.gty === 'implicit' ? Math.min(access, legacySeconds) : access),
    ClientCredentials: access,
    AuthorizationCode: codeSeconds,
    PushedAuthorizationRequest: pushedSeconds,
    DeviceCode: deviceCodeSeconds,
    IdToken: idTokenSeconds,
    Interaction: interactionSeconds,
    Session: seconds(sessions.lifetime),
    // It must not end before the last refresh token that was issued under it.
    Grant: Math.max(line, seconds(sessions.lifetime)),
    RefreshToken: (_ctx, token) => Math.max(1, Math.min(idle, line - token.totalLifetime())),
  } as Configuration['ttl']
}
