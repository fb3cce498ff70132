import type { ClientRecord } from '../../stores/ports/client-store.ts'

/** How strongly somebody proved who they are, as `acr` says it (NIST SP 800-63B-4 section 2). */
export const assuranceLevels = ['aal1', 'aal2'] as const

export type Assurance = (typeof assuranceLevels)[number]

/** What `amr` holds of a login of two factors, however many steps it took (RFC 8176). */
export const twoFactors = 'mfa'

export function toAssurance(amr: readonly string[]): Assurance {
  return amr.includes(twoFactors) ? 'aal2' : 'aal1'
}

/** Whether a client that sends these `acr_values` is content with nothing less than two factors. */
export function demandsTwoFactors(acrValues: unknown): boolean {
  if (typeof acrValues !== 'string') return false
  const levels = acrValues.split(' ')
  return levels.includes('aal2') && !levels.includes('aal1')
}

/** Whether people log in to a client with two factors, whatever the request says that their browser carries. */
export function needsTwoFactors(client: Pick<ClientRecord, 'settings'>, acrValues: unknown): boolean {
  return client.settings.acr === 'aal2' || demandsTwoFactors(acrValues)
}
