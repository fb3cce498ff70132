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
          const { id: subject, settings, createdAt: at } = client
          return { at, action: 'client-created', subject, detail: { ...settings } }
        },
      ),
    rotate: (rotation) =>
      run(
        (clients) => clients.rotate(rotation),
        (result) => {
          const { id: subject, now: at, overlapUntil } = rotation
          return result === 'rotated' ? { at, action: 'client-rotated', subject, detail: { overlapUntil } } : null
        },
      ),
    remove: (subject, at) =>
      run(
        (clients) => clients.remove(subject, at),
        (removed) => (removed ? { at, action: 'client-removed', subject, detail: {} } : null),
      ),
  }
}
