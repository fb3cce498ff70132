import { definePort } from '../../core/ports.ts'
import type { ClientRecord } from './client-store.ts'

/** What lets programs make clients of themselves (RFC 7591 section 3), by its digest. Times are epoch milliseconds. */
export interface ClientInvitation {
  readonly digest: string
  /** How many clients it makes. */
  readonly uses: number
  readonly createdAt: number
  readonly expiresAt: number
}

/** Clients that register themselves. Everything rejects with a `StoreError`. */
export interface RegistrationStore {
  /** Whether an invitation is good for another client now. */
  isOpen(digest: string, now: number): Promise<boolean>
  /** Uses the invitation once and makes the client, or does neither. Of any number of callers, as many succeed as it has uses. */
  register(digest: string, client: ClientRecord): Promise<'registered' | 'refused'>
}

export const registrationStorePort = definePort<RegistrationStore>('registration-store')
