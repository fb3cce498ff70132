import type { AccountRecord } from '../stores/ports/account-store.ts'
import { toUsername } from '../stores/ports/username.ts'

const name = 'verifiedAddress'

/** What an account remembers of an address whose mails its owner has read. */
export function markVerified(address: string): Readonly<Record<string, unknown>> {
  return { [name]: address }
}

/** The address that is the user name, as it was written, where it was verified; with another name it is so no more. */
export function findVerifiedAddress({ username, attributes }: AccountRecord): string | null {
  const address = Object.hasOwn(attributes, name) ? attributes[name] : undefined
  return typeof address === 'string' && toUsername(address) === username ? address : null
}
