import type { PolicyFile } from '../config/define-config.ts'
import { openStore } from '../stores/open-store.ts'
import { createInvitations, type Invitations } from './invitations.ts'
import { loadPolicies } from './load-policies.ts'
import { openIdentity } from './open-identity.ts'
import { resolveStoreLocation } from './store-location.ts'

export interface OpenInvitations extends Invitations {
  close(): Promise<void>
}

/**
 * Invites people to the identity server of a policy file, as `portcullis users invite` does. The mails are sent by the
 * server that runs on the same store.
 *
 * @param config a policy file's path, or what `defineConfig()` returns. Default `portcullis.yaml`
 * @param actor who the audit trail names. Default `application`
 * @throws where the file is wrong, has no block `identity`, or the store or the master key cannot be reached
 */
export async function openInvitations(
  config: string | PolicyFile = 'portcullis.yaml',
  actor = 'application',
): Promise<OpenInvitations> {
  const loaded = await loadPolicies(config, { embedded: true })
  if (!loaded.ok) throw new Error(loaded.message)
  const store = await openStore(await resolveStoreLocation(loaded.snapshot))
  const close = async () => store.close()
  try {
    const opened = await openIdentity(loaded.snapshot, store.db)
    return { ...createInvitations(store.db, opened, actor), close }
  } catch (error) {
    await close()
    throw error
  }
}
