import { hash } from 'node:crypto'
import { decodeProtectedHeader } from 'jose'
import { equalSecrets } from '../../crypto/equal-secrets.ts'
import { UpstreamError } from './upstream.ts'

/** The hash by the end of the algorithm's name, and for those on Edwards' curve. */
const digests: Readonly<Record<string, string>> = {
  256: 'sha256',
  384: 'sha384',
  512: 'sha512',
  DSA: 'sha512',
  519: 'sha512',
}

/** Whether an access token came with this ID token (OpenID Connect Core section 3.1.3.8); it need not say. */
export function checkAccessTokenHash(idToken: string, accessToken: string, claimed: unknown): void {
  if (claimed === undefined) return
  const digest = digests[(decodeProtectedHeader(idToken).alg ?? '').slice(-3)]
  const whole = digest === undefined ? null : hash(digest, accessToken, 'buffer')
  const half = whole?.subarray(0, whole.length / 2).toString('base64url')
  if (typeof claimed === 'string' && half !== undefined && equalSecrets(claimed, half)) return
  throw new UpstreamError('failed', 'the access token is not that of the ID token (at_hash)')
}
