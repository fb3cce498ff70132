import type { JWK } from 'jose'
import type { AccessToken, ClientCredentials, Provider } from 'oidc-provider'
import { isSigned } from '../tokens/present-token.ts'
import type { StructuredTokens } from '../tokens/structured-tokens.ts'

/** A token of ours that somebody shows: signed or opaque, neither ended nor revoked. */
export type ReadToken = (text: string) => Promise<AccessToken | ClientCredentials | undefined>

/** More than any token of ours has: what is longer is not looked at. */
const maxLength = 8192

export function createTokenReader(
  provider: Provider,
  structured: Pick<StructuredTokens, 'read'>,
  keys: readonly JWK[],
): ReadToken {
  const { AccessToken, ClientCredentials } = provider
  return async (text) => {
    if (text.length > maxLength) return undefined
    if (!isSigned(text)) return (await AccessToken.find(text)) ?? (await ClientCredentials.find(text))
    const payload = await structured.read(text, keys)
    if (payload === null) return undefined
    // As oidc-provider makes one of what its adapter finds.
    const Model = (payload.kind === 'AccessToken' ? AccessToken : ClientCredentials) as unknown as new (
      stored: object,
    ) => AccessToken | ClientCredentials
    return new Model(payload)
  }
}
