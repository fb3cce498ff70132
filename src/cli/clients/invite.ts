import { digestSecret } from '../../crypto/digest.ts'
import { randomText } from '../../crypto/random-text.ts'
import type { ClientInvitation } from '../../stores/ports/registration-store.ts'

/** An invitation for programs: what is shown once, and what of it is stored. 256 random bits (ASVS v5.0.0-11.5.1). */
export function createInvitation(
  uses: number,
  lifetimeMs: number,
  now: number,
): { readonly text: string; readonly stored: ClientInvitation } {
  const text = `pci_${randomText(43)}`
  return { text, stored: { digest: digestSecret(text), uses, createdAt: now, expiresAt: now + lifetimeMs } }
}
