import type { Kysely } from 'kysely'
import { redactValue } from '../observe/redact-value.ts'
import { createAccountStore } from '../stores/account-store.ts'
import { createAuditStore, type Redact } from '../stores/audit-store.ts'
import { inTransaction } from '../stores/in-transaction.ts'
import { createKeyRingStore } from '../stores/key-ring-store.ts'
import { createKeyStore } from '../stores/key-store.ts'
import type { AccountStore } from '../stores/ports/account-store.ts'
import type { AuditEvent, AuditStore } from '../stores/ports/audit-store.ts'
import type { KeyRingStore } from '../stores/ports/key-ring-store.ts'
import type { KeyStore } from '../stores/ports/key-store.ts'
import type { SessionStore } from '../stores/ports/session-store.ts'
import type { Tables } from '../stores/schema.ts'
import { createSessionStore } from '../stores/session-store.ts'

const redact: Redact = (detail) => redactValue(detail, { depth: 6, entries: 200, textLength: 1000 })

/** What the trail is to say; null where nothing was done. */
export type Told = Omit<AuditEvent, 'actor'> | null

/** The audit trail of a store; secrets are masked as in the log. */
export function openAudit(db: Kysely<Tables>): AuditStore {
  return createAuditStore(db, redact)
}

/** Does something and tells of it in one transaction, so that neither is there without the other. */
export async function audited<T>(
  db: Kysely<Tables>,
  actor: string,
  work: (transaction: Kysely<Tables>) => Promise<T>,
  tell: (result: T) => Told,
): Promise<T> {
  return inTransaction(db, async (transaction) => {
    const result = await work(transaction)
    const told = tell(result)
    if (told !== null) await openAudit(transaction).append({ ...told, actor })
    return result
  })
}

/** The keys for somebody whose changes are told. */
export function auditKeys(db: Kysely<Tables>, actor: string, now: () => number = Date.now): KeyStore {
  const run = <T>(work: (keys: KeyStore) => Promise<T>, tell: (result: T) => Told) =>
    audited(db, actor, (transaction) => work(createKeyStore(transaction)), tell)
  return {
    ...createKeyStore(db),
    create: (key) =>
      run(
        (keys) => keys.create(key),
        () => {
          const { id, owner, name, tenant, roles, scopes, cidrs, createdAt: at, expiresAt } = key
          return {
            at,
            action: 'api-key-created',
            subject: id,
            detail: { owner, name, tenant, roles, scopes, cidrs, expiresAt },
          }
        },
      ),
    import: (batch) =>
      run(
        (keys) => keys.import(batch),
        (result) => {
          const [first] = batch
          if (first === undefined || result.kind !== 'imported' || result.added === 0) return null
          const detail = { added: result.added, present: result.present, last: batch.at(-1)?.id }
          return { at: now(), action: 'api-keys-imported', subject: first.id, detail }
        },
      ),
    update: (subject, changes, at) =>
      run(
        (keys) => keys.update(subject, changes, at),
        ({ kind }) => (kind === 'updated' ? { at, action: 'api-key-changed', subject, detail: { ...changes } } : null),
      ),
    setDisabled: (subject, disabled, at) =>
      run(
        (keys) => keys.setDisabled(subject, disabled, at),
        (result) => {
          const action = disabled ? 'api-key-disabled' : 'api-key-enabled'
          return result === 'switched' ? { at, action, subject, detail: {} } : null
        },
      ),
    rotate: (rotation) =>
      run(
        (keys) => keys.rotate(rotation),
        ({ kind }) => {
          const { id: subject, now: at, overlapUntil, expiresAt } = rotation
          const detail = { overlapUntil, ...(expiresAt === undefined ? {} : { expiresAt }) }
          return kind === 'rotated' ? { at, action: 'api-key-rotated', subject, detail } : null
        },
      ),
    revoke: (subject, at) =>
      run(
        (keys) => keys.revoke(subject, at),
        (result) => (result === 'revoked' ? { at, action: 'api-key-revoked', subject, detail: {} } : null),
      ),
    remove: (subject, at) =>
      run(
        (keys) => keys.remove(subject, at),
        (removed) => (removed ? { at, action: 'api-key-removed', subject, detail: {} } : null),
      ),
  }
}

/** The accounts for somebody whose changes are told. A rehash of the same password is none. */
export function auditAccounts(db: Kysely<Tables>, actor: string, now: () => number = Date.now): AccountStore {
  const run = <T>(work: (accounts: AccountStore) => Promise<T>, tell: (result: T) => Told) =>
    audited(db, actor, (transaction) => work(createAccountStore(transaction)), tell)
  return {
    ...createAccountStore(db),
    create: (account) =>
      run(
        (accounts) => accounts.create(account),
        () => {
          const { id, username, tenant, roles, scopes, createdAt: at } = account
          return { at, action: 'account-created', subject: id, detail: { username, tenant, roles, scopes } }
        },
      ),
    import: (batch) =>
      run(
        (accounts) => accounts.import(batch),
        (added) => {
          const [first] = batch
          if (first === undefined || added === 0) return null
          const detail = { added, present: batch.length - added, last: batch.at(-1)?.id }
          return { at: now(), action: 'accounts-imported', subject: first.id, detail }
        },
      ),
    update: (subject, changes, at) =>
      run(
        (accounts) => accounts.update(subject, changes, at),
        (done) => (done ? { at, action: 'account-changed', subject, detail: { ...changes } } : null),
      ),
    setPassword: (subject, hash, at) =>
      run(
        (accounts) => accounts.setPassword(subject, hash, at),
        (done) =>
          done ? { at, action: 'account-password-changed', subject, detail: { removed: hash === null } } : null,
      ),
    signOut: (subject, at) =>
      run(
        (accounts) => accounts.signOut(subject, at),
        (done) => (done ? { at, action: 'account-signed-out', subject, detail: {} } : null),
      ),
    disable: (subject, at) =>
      run(
        (accounts) => accounts.disable(subject, at),
        (result) => (result === 'disabled' ? { at, action: 'account-disabled', subject, detail: {} } : null),
      ),
    enable: (subject, at) =>
      run(
        (accounts) => accounts.enable(subject, at),
        (result) => (result === 'enabled' ? { at, action: 'account-enabled', subject, detail: {} } : null),
      ),
    remove: (subject, at) =>
      run(
        (accounts) => accounts.remove(subject, at),
        (removed) => (removed ? { at, action: 'account-removed', subject, detail: {} } : null),
      ),
  }
}

/** The sessions for somebody whose changes are told: what people do to their own by logging in and out is none. */
export function auditSessions(db: Kysely<Tables>, actor: string): SessionStore {
  return {
    ...createSessionStore(db),
    revoke: (subject, at) =>
      audited(
        db,
        actor,
        (transaction) => createSessionStore(transaction).revoke(subject, at),
        (result) => (result === 'revoked' ? { at, action: 'session-revoked', subject, detail: {} } : null),
      ),
    revokeAll: (choice, at) =>
      audited(
        db,
        actor,
        (transaction) => createSessionStore(transaction).revokeAll(choice, at),
        (count) => {
          const detail = { ...choice, count }
          return count === 0 ? null : { at, action: 'sessions-revoked', subject: choice.principal ?? '*', detail }
        },
      ),
  }
}

/** The key ring for somebody whose changes are told. */
export function auditKeyRing(db: Kysely<Tables>, actor: string): KeyRingStore {
  const run = <T>(work: (ring: KeyRingStore) => Promise<T>, tell: (result: T) => Told) =>
    audited(db, actor, (transaction) => work(createKeyRingStore(transaction)), tell)
  return {
    ...createKeyRingStore(db),
    create: (keys, at) =>
      run(
        (ring) => ring.create(keys, at),
        (done) => {
          const { id: subject, masterId } = keys.active
          const detail = { index: keys.index.id, master: masterId }
          return done ? { at, action: 'key-ring-created', subject, detail } : null
        },
      ),
    rotate: (key, at) =>
      run(
        (ring) => ring.rotate(key, at),
        (done) => (done ? { at, action: 'key-ring-rotated', subject: key.id, detail: { master: key.masterId } } : null),
      ),
    rewrap: (subject, before, after, at) =>
      run(
        (ring) => ring.rewrap(subject, before, after, at),
        (done) => (done ? { at, action: 'key-ring-rewrapped', subject, detail: { master: after.masterId } } : null),
      ),
  }
}
