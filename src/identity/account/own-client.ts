import type { ClientRecord } from '../../stores/ports/client-store.ts'
import { peoplePaths } from '../endpoints.ts'
import type { IdentityOptions } from '../options.ts'

/** The client that the account pages are: people log in to them as they do to any application. */
export const ownClientId = 'portcullis-account'

export function createOwnClient({ issuer, pages }: Pick<IdentityOptions, 'issuer' | 'pages'>): ClientRecord {
  return {
    id: ownClientId,
    settings: {
      name: pages.name ?? new URL(issuer).host,
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
