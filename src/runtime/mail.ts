import { resolve } from 'node:path'
import type { Snapshot } from '../config/snapshot.ts'
import type { Meter, PolicyLog } from '../core/telemetry.ts'
import { createSealedPayloads } from '../identity/artefacts/sealed-payloads.ts'
import { listIssuers } from '../identity/issuers.ts'
import { createFolderDelivery } from '../identity/mail/folder.ts'
import type { Deliver } from '../identity/mail/mail.ts'
import type { MailOptions } from '../identity/mail/options.ts'
import { type MailWay, startMailSender } from '../identity/mail/sender.ts'
import type { IdentityOptions } from '../identity/options.ts'
import { createOutboundClient } from '../outbound/outbound-client.ts'
import { createKeyRingStore } from '../stores/key-ring-store.ts'
import { createMailStore } from '../stores/mail-store.ts'
import type { ChangeEpoch } from '../stores/ports/change-log.ts'
import type { Store } from '../stores/store.ts'
import { auditKeyRing } from './audited.ts'
import { followKeyRing } from './follow-key-ring.ts'
import { makeKeyRing } from './make-key-ring.ts'
import { openMasterKeys } from './master-keys.ts'
import { readSecret } from './secrets.ts'

export interface MailDeps {
  readonly store: Store
  readonly epoch: Pick<ChangeEpoch, 'current'>
  readonly log: PolicyLog
  readonly meter: Meter
}

/** Sends the mails of the identity server, where the file says how; rejects where a reference cannot be read. */
export async function openMail(snapshot: Snapshot, deps: MailDeps): Promise<{ stop(): Promise<void> } | null> {
  const mails = listMails(snapshot)
  if (mails.size === 0) return null
  const { store, epoch, log, meter } = deps
  const outbound = createOutboundClient()
  try {
    const masters = await openMasterKeys(snapshot, outbound)
    if (masters === null) throw new Error('identity.mail needs the block `secrets`')
    const keys = createKeyRingStore(store.db)
    await makeKeyRing(keys, auditKeyRing(store.db, 'portcullis'), masters.present)
    const ring = await followKeyRing({ store: keys, masters: masters.all, epoch, log, now: () => performance.now() })
    const ways = new Map<string | null, MailWay>()
    for (const [realm, options] of mails) {
      const deliver = await openDelivery(options, snapshot.baseFolder, log)
      ways.set(realm, { deliver, payloads: createSealedPayloads(ring, realm) })
    }
    const sender = startMailSender({
      store: createMailStore(store.db),
      wayOf: (realm) => ways.get(realm) ?? null,
      now: Date.now,
      log,
      meter,
    })
    return {
      async stop() {
        await sender.stop()
        await outbound.close()
      },
    }
  } catch (error) {
    await outbound.close()
    throw error
  }
}

/** How mails go, by tenant; null is that of the block itself. */
export function listMails({ blocks }: Pick<Snapshot, 'blocks'>): ReadonlyMap<string | null, MailOptions> {
  const identity = blocks.identity as IdentityOptions | undefined
  const issuers = identity === undefined ? [] : listIssuers(identity)
  return new Map(issuers.flatMap(({ realm = null, mail }) => (mail === undefined ? [] : [[realm, mail] as const])))
}

async function openDelivery({ folder, smtp, from }: MailOptions, baseFolder: string, log: PolicyLog): Promise<Deliver> {
  if (smtp === undefined) return createFolderDelivery(resolve(baseFolder, folder as string), { now: Date.now, log })
  const { createSmtpDelivery } = await import('../identity/mail/smtp.ts')
  return createSmtpDelivery({ url: await readSecret(smtp, baseFolder), from: from as string })
}
