import type { PolicyDeps } from '../core/policy.ts'

/** What the identity server is given, as policies are; nothing else is reached for. */
export interface IdentityDeps
  extends Pick<PolicyDeps, 'block' | 'secret' | 'shared' | 'provide' | 'log' | 'meter' | 'now'> {
  /** What stands in a file, `file:path` from the folder of the policy file; rejects with an error that names it. */
  readonly file: (reference: string) => Promise<Uint8Array>
}
