import { randomBytes } from 'node:crypto'
import type { Snapshot } from '../config/snapshot.ts'
import { digestSecret } from '../crypto/digest.ts'
import type { IdentityOptions } from '../identity/options.ts'
import { firstAdministratorKind, toFirstAdministratorLink } from '../identity/people/first-administrator.ts'
import { createArtefactStore } from '../stores/artefact-store.ts'
import type { Store } from '../stores/store.ts'

const lifetimeMs = 3_600_000

/**
 * The link behind which the first account is made; null where there is an account, or the file names no roles for it. Each
 * start makes one of its own, and the first that is used is the only one.
 */
export async function offerFirstAdministrator(snapshot: Snapshot, store: Store, now: number): Promise<string | null> {
  const options = snapshot.blocks.identity as IdentityOptions | undefined
  if (options?.firstAdministrator === undefined) return null
  if ((await store.accounts.list({ limit: 1 })).length > 0) return null
  const token = randomBytes(32).toString('base64url')
  await createArtefactStore(store.db).put({
    ...{ kind: firstAdministratorKind, digest: digestSecret(token), payload: '', expiresAt: now + lifetimeMs },
    ...{ grant: null, uid: null, userCode: null },
  })
  return toFirstAdministratorLink(options.issuer, token)
}
