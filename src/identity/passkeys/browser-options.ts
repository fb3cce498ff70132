import { challengeMs } from './challenges.ts'
import type { MadePasskey } from './kept-passkeys.ts'
import type { PasskeySite } from './options.ts'
import { toUserHandle } from './user-handle.ts'
import { algorithms } from './verify-registration.ts'

type Known = Pick<MadePasskey, 'credentialId' | 'transports'>

/** What a browser is asked to make (`PublicKeyCredentialCreationOptionsJSON`): usable without a name, and only by its owner. */
export function toCreationOptions(
  { rpId, name }: PasskeySite,
  challenge: string,
  account: { readonly id: string; readonly username: string },
  known: readonly Known[],
) {
  return {
    challenge,
    rp: { id: rpId, name },
    user: { id: toUserHandle(account.id), name: account.username, displayName: account.username },
    pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
    authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
    attestation: 'none',
    excludeCredentials: known.map(toDescriptor),
    timeout: challengeMs,
  }
}

/** What a browser is asked to sign (`PublicKeyCredentialRequestOptionsJSON`). @param known empty: whichever the person has */
export function toRequestOptions({ rpId }: PasskeySite, challenge: string, known: readonly Known[] = []) {
  return {
    challenge,
    rpId,
    allowCredentials: known.map(toDescriptor),
    userVerification: 'required',
    timeout: challengeMs,
  }
}

function toDescriptor({ credentialId, transports }: Known) {
  return { type: 'public-key', id: credentialId, transports }
}
