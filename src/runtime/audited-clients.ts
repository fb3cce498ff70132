import type { Kysely } from 'kysely'
import { createClientStore } from '../stores/client-store.ts'
import type { ClientStore } from '../stores/ports/client-store.ts'
import type { Tables } from '../stores/schema.ts'
import { audited, type Told } from './audited.ts'

/** The clients of the identity server for somebody whose changes are told; of a secret, only that there is another one. */
export function auditClients(db: Kysely<Tables>, actor: string): ClientStore {
  const run = <T>(work: (clients: ClientStore) => Promise<T>, tell: (result: T) => Told) =>
    audited(db, actor, (transaction) => work(createClientStore(transaction)), tell)
  return {
    ...createClientStore(db),
    create: (client) =>
      run(
        (clients) => clients.create(client),
        () => {
          const { id: subject, tenant, settings, createdAt: at } = client
          return { at, action: 'client-created', subject, detail: { ...toTenant(tenant), ...settings } }
        },
      ),
    update: (client, at) =>
      run(
        (clients) => clients.update(client, at),
        (done) => {
          const { id: subject, tenant, settings } = client
          return done ? { at, action: 'client-changed', subject, detail: { ...toTenant(tenant), ...settings } } : null
        },
      ),
    rotate: (rotation) =>
      run(
        (clients) => clients.rotate(rotation),
        (result) => {
          const { id: subject, tenant, now: at, overlapUntil } = rotation
          const detail = { ...toTenant(tenant), overlapUntil }
          return result === 'rotated' ? { at, action: 'client-rotated', subject, detail } : null
        },
      ),
    remove: (subject, at, tenant) =>
      run(
        (clients) => clients.remove(subject, at, tenant),
        (removed) => (removed ? { at, action: 'client-removed', subject, detail: toTenant(tenant) } : null),
      ),
  }
}

function toTenant(tenant: string | undefined): { readonly tenant?: string } {
  return tenant === undefined ? {} : { tenant }
}
