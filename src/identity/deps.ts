import type { PolicyDeps } from '../core/policy.ts'

/** What the identity server is given, as policies are; nothing else is reached for. */
export type IdentityDeps = Pick<PolicyDeps, 'block' | 'secret' | 'shared' | 'provide' | 'log' | 'meter' | 'now'>
