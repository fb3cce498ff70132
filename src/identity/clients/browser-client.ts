import type { ClientRecord } from '../../stores/ports/client-store.ts'
import { createOwnClient } from '../account/own-client.ts'
import type { IdentityOptions } from '../options.ts'

/** The client that stands for the browser applications of the same policy file. */
export const browserClientId = 'portcullis-browser'

export interface BrowserClient {
  /** Of a secret that this thread alone knows. */
  readonly secretDigest: string
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris: readonly string[]
  readonly scopes: readonly string[]
}

/** One of our own, so that nobody is asked whether it may. */
export function createBrowserClient(
  { issuer, pages }: Pick<IdentityOptions, 'issuer' | 'pages'>,
  { secretDigest, ...settings }: BrowserClient,
): ClientRecord {
  const { settings: own } = createOwnClient(issuer, pages.name)
  return {
    id: browserClientId,
    settings: { ...own, grants: ['authorizationCode', 'refreshToken'], ...settings },
    secrets: [{ digest: secretDigest, createdAt: 0, expiresAt: null }],
    createdAt: 0,
  }
}
