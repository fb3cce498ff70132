import type { MadePasskey } from './kept-passkeys.ts'
import type { PasskeySite } from './options.ts'
import type { Registration } from './parse-response.ts'

/** EdDSA, ES256 and RS256: what passkeys sign with, and every runtime verifies (RFC 9053, RFC 8812). */
export const algorithms = [-8, -7, -257] as const

/** What a browser made of a new passkey. What is refused says why, for the log. */
export async function verifyRegistration(
  given: Registration,
  challenge: string,
  { rpId, origins }: PasskeySite,
): Promise<MadePasskey | { readonly reason: string }> {
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server')
  try {
    const response = { ...given.response, attestationObject: await dropAttestation(given.response.attestationObject) }
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: { ...given, response } as Parameters<typeof verifyRegistrationResponse>[0]['response'],
      expectedChallenge: challenge,
      expectedOrigin: [...origins],
      expectedRPID: rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...algorithms],
    })
    if (!verified) return { reason: 'it was not verified' }
    const { credential, credentialDeviceType } = registrationInfo
    return {
      credentialId: credential.id,
      publicKey: Buffer.from(credential.publicKey).toString('base64url'),
      counter: credential.counter,
      transports: given.response.transports,
      synced: credentialDeviceType === 'multiDevice',
    }
  } catch (error) {
    return { reason: (error as Error).message.slice(0, 200) }
  }
}

/**
 * Statements about the maker of an authenticator were not asked for. One that comes nevertheless is not looked at:
 * verifying its certificates would have the library fetch lists from wherever they say.
 */
async function dropAttestation(attestationObject: string): Promise<string> {
  const { decodeAttestationObject, isoCBOR } = await import('@simplewebauthn/server/helpers')
  const decoded = decodeAttestationObject(new Uint8Array(Buffer.from(attestationObject, 'base64url')))
  const plain = new Map<string, string | Uint8Array | Map<string, string>>()
    .set('fmt', 'none')
    .set('attStmt', new Map())
    .set('authData', decoded.get('authData'))
  return Buffer.from(isoCBOR.encode(plain)).toString('base64url')
}
