import type { AnyPolicy } from '../core/policy.ts'

/**
 * Every policy there is. Within a stage, hooks run in this order: what is cheap and refuses most stands first, and
 * `security-headers` stands last so that it has the last word on every answer.
 */
export const policies: readonly AnyPolicy[] = []
