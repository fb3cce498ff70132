import { z } from 'zod'
import type { Confirmation } from '../core/principal.ts'

const bindings = ['any', 'key', 'certificate'] as const

/** What tokens must be bound to. That the caller proves it is the core's rule, whatever stands here. */
export type RequiredBinding = (typeof bindings)[number]

/** A key of the schema of every policy that takes tokens. */
export const bound = z
  .enum(bindings)
  .optional()
  .describe(
    'Refuses tokens that are not bound: to a `certificate` of the client (RFC 8705), to a `key` (see `dpop`), or to `any` ' +
      'of them.',
  )

export function isBoundAs(confirmation: Confirmation | null, required: RequiredBinding | undefined): boolean {
  if (required === undefined) return true
  if (confirmation === null) return false
  if (required === 'any') return true
  return (required === 'key' ? confirmation.keyThumbprint : confirmation.certificateThumbprint) !== null
}

/** Whether a route would take tokens that were refused where its options come from. */
export function isLooserBinding(inherited: RequiredBinding | undefined, own: RequiredBinding | undefined): boolean {
  if (inherited === undefined || own === inherited) return false
  return inherited !== 'any' || own === undefined
}
