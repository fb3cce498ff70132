import { definePort } from '../../core/ports.ts'

/** Something that somebody did, and that must be known later. */
export interface AuditEvent {
  /** Epoch milliseconds. */
  readonly at: number
  /** Who did it, such as `cli:root`. */
  readonly actor: string
  /** What was done, such as `api-key-revoked`. */
  readonly action: string
  /** To what: an id. */
  readonly subject: string
  /** Plain JSON. Secrets in it are masked before it is stored. */
  readonly detail: Readonly<Record<string, unknown>>
}

export interface AuditRecord extends AuditEvent {
  /** Counts from 1 without gaps, in the order in which events became true. */
  readonly position: number
}

export interface AuditPage {
  /** Events of that time and later. */
  readonly since?: number
  /** Events before that time. */
  readonly until?: number
  readonly actor?: string
  readonly action?: string
  readonly subject?: string
  /** The last position of the page before. */
  readonly before?: number
  readonly limit: number
}

/** What was done, in order. Events are only ever added. Everything rejects with a `StoreError`. */
export interface AuditStore {
  append(event: AuditEvent): Promise<void>
  /** Newest first. */
  list(page: AuditPage): Promise<AuditRecord[]>
}

export const auditStorePort = definePort<AuditStore>('audit-store')
