import { createHash, randomBytes } from 'node:crypto'
import { type Reply, reply } from '../../core/decision.ts'
import { providerPaths } from '../endpoints.ts'
import type { AccountContext } from './account.ts'
import { ownClientId, toReturnUri } from './own-client.ts'

/**
 * Sends a browser to log in, as any application does, and back to a page of the account.
 * @param demand `max_age` where an older login will not do, `acr_values` where one factor will not
 */
export function sendToLogin(
  { options, mount }: Pick<AccountContext, 'options' | 'mount'>,
  path: string,
  demand: Readonly<Record<string, string>> = {},
): Reply {
  const parameters = new URLSearchParams({
    client_id: ownClientId,
    response_type: 'code',
    scope: 'openid',
    redirect_uri: toReturnUri(options.issuer),
    state: path,
    // Nobody redeems the code: that they are logged in is all that these pages ask.
    code_challenge: createHash('sha256').update(randomBytes(32)).digest('base64url'),
    code_challenge_method: 'S256',
    ...demand,
  })
  return reply(303, [['location', `${mount}${providerPaths.authorization}?${parameters}`]])
}
