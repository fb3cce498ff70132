import { importPKCS8, SignJWT } from 'jose'

export interface AppleKey {
  readonly clientId: string
  readonly teamId: string
  readonly keyId: string
  /** PKCS #8, as Apple hands it out. */
  readonly pem: string
}

const audience = 'https://appleid.apple.com'
const lifetimeSeconds = 300

/** Apple's client secret is a JWT that its key signs, made anew for each request. Rejects at once where the key is none. */
export async function createAppleSecret({ clientId, teamId, keyId, pem }: AppleKey, now: () => number) {
  const key = await importPKCS8(pem, 'ES256').catch(() => {
    throw new Error('identity.providers.apple.key is no EC key on P-256 in PEM, as Apple hands it out (AuthKey_….p8)')
  })
  return (): Promise<string> => {
    const at = Math.floor(now() / 1000)
    return new SignJWT()
      .setProtectedHeader({ alg: 'ES256', kid: keyId })
      .setIssuer(teamId)
      .setSubject(clientId)
      .setAudience(audience)
      .setIssuedAt(at)
      .setExpirationTime(at + lifetimeSeconds)
      .sign(key)
  }
}
