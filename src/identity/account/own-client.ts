import type { ClientRecord } from '../../stores/ports/client-store.ts'
import { peoplePaths } from '../endpoints.ts'

/** The client that the account pages are: people log in to them as they do to any application. */
export const ownClientId = 'portcullis-account'

/**
 * @param issuer of the identity server
 * @param name of the site, which people are shown
 */
export function createOwnClient(issuer: string, name = new URL(issuer).host): ClientRecord {
  return {
    id: ownClientId,
    settings: {
      name,
      grants: ['authorizationCode'],
      scopes: [],
      redirectUris: [toReturnUri(issuer)],
      postLogoutRedirectUris: [],
      roles: [],
      consent: 'given',
      dpop: 'optional',
      introspects: 'own',
    },
    secrets: [],
    createdAt: 0,
  }
}

export function toReturnUri(issuer: string): string {
  return issuer.replace(/\/$/, '') + peoplePaths.accountReturn
}
