import type { Configuration } from 'oidc-provider'

/**
 * Pages that may ask for tokens with a script (CORS): those of public clients, at the origins that codes are sent to.
 * Clients with a secret have no business in a browser.
 */
export const allowClientOrigin: NonNullable<Configuration['clientBasedCORS']> = (_ctx, origin, client) =>
  client.clientAuthMethod === 'none' && (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin)
