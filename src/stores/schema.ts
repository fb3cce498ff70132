import type { RevokedKind } from './ports/revocation-store.ts'

/** The tables as Kysely sees them. Numbers come back as text from some drivers, hence `toTime` in `key-rows.ts`. */
export interface Tables {
  api_keys: ApiKeyRow
  api_key_secrets: ApiKeySecretRow
  accounts: AccountRow
  artefacts: ArtefactRow
  changes: ChangeRow
  attempts: AttemptRow
  attempt_secret: AttemptSecretRow
  audit_events: AuditEventRow
  audit_position: ChangePositionRow
  change_position: ChangePositionRow
  factors: FactorRow
  connections: ConnectionRow
  sessions: SessionRow
  key_ring: KeyRingRow
  known_clients: KnownClientRow
  mails: MailRow
  client_invitations: ClientInvitationRow
  oauth_clients: ClientRow
  roles: RoleRow
  role_assignments: RoleAssignmentRow
  revocations: RevocationRow
  signing_keys: SigningKeyRow
}

export interface ApiKeyRow {
  id: string
  owner: string
  name: string | null
  tenant: string | null
  /** JSON lists of text: they are only ever read and written whole. */
  roles: string
  scopes: string
  cidrs: string
  created_at: number
  expires_at: number | null
  revoked_at: number | null
  last_used_at: number | null
  environment: string | null
  /** A JSON object. */
  metadata: string
  disabled_at: number | null
  uses_left: number | null
  /** `{"limit":…,"windowMs":…}`. */
  rate_limit: string | null
  quota: string | null
}

export interface ApiKeySecretRow {
  digest: string
  key_id: string
  /** Counts the secrets of one key: the largest is the present one. */
  generation: number
  created_at: number
  expires_at: number | null
}

export interface AccountRow {
  id: string
  /** Empty: none. */
  tenant: string
  username: string
  password_hash: string | null
  roles: string
  scopes: string
  attributes: string
  created_at: number
  disabled_at: number | null
  password_changed_at: number | null
  signed_out_at: number | null
}

/** What the identity server keeps: digests, and a sealed payload. */
export interface ArtefactRow {
  kind: string
  digest: string
  payload: string
  grant: string | null
  uid: string | null
  user_code: string | null
  expires_at: number | null
  consumed_at: number | null
  /** The digest of whose it is. */
  account: string | null
}

/** A second factor of an account. */
export interface FactorRow {
  id: string
  account: string
  kind: string
  /** Sealed: what proves it is in it. */
  data: string
  label: string | null
  created_at: number
  last_used_at: number | null
  /** A digest that it is found by; null: by its account only. */
  handle: string | null
}

/** Somebody as another server knows them. */
export interface ConnectionRow {
  id: string
  account: string
  /** Empty: none. */
  tenant: string
  provider: string
  issuer: string
  subject: string
  email: string | null
  /** A JSON list of text. */
  roles: string
  created_at: number
  used_at: number
}

/** A mail that waits to be sent. */
export interface MailRow {
  id: string
  /** Sealed: it holds a token. */
  payload: string
  attempts: number
  next_at: number
  expires_at: number
}

/** A count of failed attempts to log in, under digests. */
export interface AttemptRow {
  key: string
  /** Null: it belongs to no account. */
  account: string | null
  drained_at: number
  locked_until: number
}

/** One row. */
export interface AttemptSecretRow {
  id: number
  secret: string
}

export interface KnownClientRow {
  account: string
  client: string
  seen_at: number
}

export interface ChangeRow {
  position: number
  at: number
  topic: string
  subject: string
}

export interface AuditEventRow {
  position: number
  at: number
  actor: string
  action: string
  subject: string
  detail: string
}

/** One row. Moving it is the first step of each change, so that changes become visible in the order of positions. */
export interface ChangePositionRow {
  id: number
  position: number
}

export interface SessionRow {
  /** The beginning of the digest: what people and logs call the session. */
  id: string
  digest: string
  issuer: string
  principal: string
  kind: string
  tenant: string | null
  /** JSON, read and written whole. */
  roles: string
  scopes: string
  attributes: string
  assurance: string | null
  authenticated_at: number
  created_at: number
  last_seen_at: number
  idle_ms: number
  ends_at: number
  user_agent: string | null
  address: string | null
  revoked_at: number | null
}

/** A key of the key ring, wrapped. */
export interface KeyRingRow {
  id: string
  role: string
  master_id: string
  wrapped: string
  created_at: number
  retired_at: number | null
}

export interface RoleRow {
  /** Empty: none. */
  tenant: string
  name: string
  /** JSON lists of text. */
  inherits: string
  permissions: string
  description: string | null
  created_at: number
}

export interface RoleAssignmentRow {
  kind: string
  issuer: string
  holder: string
  /** Whose role it is. Empty: the deployment's. */
  tenant: string
  role: string
  created_at: number
}

export interface RevocationRow {
  issuer: string
  value: string
  kind: RevokedKind
  revoked_at: number
  issued_until: number | null
  ends_at: number
  reason: string | null
}

/** A key of the identity server. */
export interface SigningKeyRow {
  /** Empty: none. */
  tenant: string
  id: string
  public_key: string
  sealed: string
  created_at: number
  signs_from: number
}

/** What lets programs make clients of themselves. */
export interface ClientInvitationRow {
  digest: string
  uses_left: number
  created_at: number
  expires_at: number
}

/** A client of the identity server. */
export interface ClientRow {
  /** Empty: none. */
  tenant: string
  id: string
  /** JSON, read and written whole. */
  settings: string
  secrets: string
  created_at: number
}
