import type { MadePasskey } from './kept-passkeys.ts'
import type { PasskeySite } from './options.ts'
import type { Assertion } from './parse-response.ts'

export interface Asserted {
  /** What the passkey counts now. */
  readonly counter: number
}

/** What a passkey signed, judged with its key. What is refused says why, for the log. */
export async function verifyAssertion(
  given: Assertion,
  challenge: string,
  { credentialId, publicKey, transports }: Pick<MadePasskey, 'credentialId' | 'publicKey' | 'transports'>,
  { rpId, origins }: PasskeySite,
): Promise<Asserted | { readonly reason: string }> {
  // Loaded with the first passkey that is used: what reads certificates comes with it.
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server')
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: given as Parameters<typeof verifyAuthenticationResponse>[0]['response'],
      expectedChallenge: challenge,
      expectedOrigin: [...origins],
      expectedRPID: rpId,
      requireUserVerification: true,
      credential: {
        id: credentialId,
        publicKey: new Uint8Array(Buffer.from(publicKey, 'base64url')),
        // Compared when it is stored, where two uses at the same time cannot pass each other, and only if the signature is good.
        counter: 0,
        transports: [...transports] as never,
      },
    })
    return verified ? { counter: authenticationInfo.newCounter } : { reason: 'the signature is not by this passkey' }
  } catch (error) {
    return { reason: (error as Error).message.slice(0, 200) }
  }
}
