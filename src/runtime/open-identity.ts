import type { CompiledQuery, Kysely } from 'kysely'
import type { Snapshot } from '../config/snapshot.ts'
import { openKeyRing } from '../crypto/master/open-key-ring.ts'
import type { LiveKeyRing } from '../crypto/ring/live-key-ring.ts'
import { createSealedPayloads, type SealedPayloads } from '../identity/artefacts/sealed-payloads.ts'
import { createClientDirectory } from '../identity/clients/directory.ts'
import { findIssuerOf } from '../identity/issuers.ts'
import type { IdentityOptions } from '../identity/options.ts'
import { createLooks, type Looks } from '../identity/pages/look.ts'
import { createOutboundClient } from '../outbound/outbound-client.ts'
import { createArtefactLookup } from '../stores/artefact-lookup.ts'
import { createClientLookup } from '../stores/client-rows.ts'
import { createKeyRingStore } from '../stores/key-ring-store.ts'
import type { ArtefactLookup } from '../stores/ports/artefact-store.ts'
import type { ClientLookup, ClientRecord } from '../stores/ports/client-store.ts'
import type { Tables } from '../stores/schema.ts'
import { auditKeyRing } from './audited.ts'
import { makeKeyRing } from './make-key-ring.ts'
import { openMasterKeys } from './master-keys.ts'
import { readReferredFile } from './secrets.ts'

/** What the identity server keeps, for who administers it while it runs elsewhere, or not at all. */
export interface OpenedIdentity {
  readonly options: IdentityOptions
  readonly payloads: SealedPayloads
  readonly artefactLookup: ArtefactLookup
  readonly directory: ClientLookup
  readonly looks: Looks
}

/** Rejects in the operator's words, where the file has no identity server or its master key cannot be read. */
export async function openIdentity(
  snapshot: Pick<Snapshot, 'blocks' | 'baseFolder'>,
  db: Kysely<Tables>,
  tenant: string | null = null,
): Promise<OpenedIdentity> {
  const block = snapshot.blocks.identity as IdentityOptions | undefined
  if (block === undefined) throw new Error('the policy file has no block `identity`')
  const options = findIssuerOf(block, tenant)
  if (options === null)
    throw new Error(
      `the policy file has no issuer for ${tenant === null ? 'accounts of no tenant' : `the tenant "${tenant}"`}`,
    )
  const payloads = createSealedPayloads(await openIdentityRing(snapshot, db), options.realm)
  const read = async <Row>(query: CompiledQuery<Row>) => (await db.executeQuery(query)).rows
  const artefactLookup = createArtefactLookup(db, read)
  const clients = createClientLookup(db, read)
  const directory = toDirectory(options, { find: (id) => clients.find(id, options.realm ?? '') })
  const looks = await createLooks(options.pages, new URL(options.issuer).host, (one) =>
    readReferredFile(one, snapshot.baseFolder),
  )
  return { options, payloads, artefactLookup, directory, looks }
}

/** What everything of every issuer is sealed with, as it is now. Rejects in the operator's words. */
export async function openIdentityRing(
  snapshot: Pick<Snapshot, 'blocks' | 'baseFolder'>,
  db: Kysely<Tables>,
): Promise<LiveKeyRing> {
  const outbound = createOutboundClient()
  try {
    const masters = await openMasterKeys(snapshot, outbound)
    if (masters === null) throw new Error('the policy file names no master key: write the block `secrets` into it')
    const keys = createKeyRingStore(db)
    await makeKeyRing(keys, auditKeyRing(db, 'portcullis'), masters.present)
    const ring = await openKeyRing(await keys.list(), masters.all)
    return { current: () => ring, withKey: () => ring }
  } finally {
    await outbound.close()
  }
}

/** Their names are all that matters here: secrets are not read. */
function toDirectory({ clients }: IdentityOptions, store: ClientLookup): ClientLookup {
  const records = clients.map(
    ({ id, name = null, secret: _, keys: __, certificate: ___, ...settings }): [string, ClientRecord] => {
      return [id, { id, settings: { name, ...settings }, secrets: [], createdAt: 0 }]
    },
  )
  return createClientDirectory(new Map(records), store, Date.now)
}
