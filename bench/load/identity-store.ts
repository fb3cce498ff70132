import { randomBytes, randomInt } from 'node:crypto'
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { digestSecret } from '../../src/crypto/digest.ts'
import { parseKeyText } from '../../src/crypto/key-text.ts'
import { createLocalMasterKey } from '../../src/crypto/master/local-master-key.ts'
import { openKeyRing } from '../../src/crypto/master/open-key-ring.ts'
import { createPasswordHasher } from '../../src/crypto/passwords/password-hasher.ts'
import { createSealedPayloads, type SealedPayloads } from '../../src/identity/artefacts/sealed-payloads.ts'
import { makeKeyRing } from '../../src/runtime/make-key-ring.ts'
import { createKeyRingStore } from '../../src/stores/key-ring-store.ts'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'

/** What all accounts have. */
export const password = 'a sentence of several words'

const dayMs = 86_400_000
const resource = 'https://api.example.com/'
/** Of so many grants one has a refresh token that was not used yet; the others are consents of logins that have gone. */
const grantsPerRefreshToken = 4
const sealedPerKind = 100

export interface IdentityContent {
  readonly path: string
  /** Base64. */
  readonly master: string
  readonly accounts: number
  readonly grants: number
  /** When what is in it ends, from now on. */
  readonly endsInMs?: number
}

export interface FilledIdentityStore {
  readonly bytesPerAccount: number
  /** With its share of the refresh tokens and sessions. */
  readonly bytesPerGrant: number
  readonly artefacts: number
}

/**
 * Fills a store as years of logins would, sealed with its own key ring. Nobody opens what is put there: so a few sealed texts
 * of each kind stand in all rows, since sealing costs more than all the rest.
 */
export async function fillIdentityStore(content: IdentityContent): Promise<FilledIdentityStore> {
  const { path, accounts, grants, endsInMs = 14 * dayMs } = content
  const payloads = await makeStore(content)
  const passwordHash = await hashOnce()
  const database = new DatabaseSync(path)
  try {
    // Nobody else is there, and what breaks is made anew.
    database.exec(
      'pragma journal_mode = delete; pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -600000',
    )
    const empty = sizeOf(database)
    database.exec('begin')
    addAccounts(database, accounts, passwordHash)
    database.exec('commit')
    const withAccounts = sizeOf(database)
    const artefacts = withoutIndexes(database, () => addArtefacts(database, payloads, accounts, grants, endsInMs))
    database.exec('analyze; pragma journal_mode = wal')
    return {
      bytesPerAccount: (withAccounts - empty) / accounts,
      bytesPerGrant: (sizeOf(database) - withAccounts) / Math.max(1, grants),
      artefacts,
    }
  } finally {
    database.close()
    sync(path)
  }
}

/** Else whoever writes first waits for all that was filled in. */
function sync(path: string): void {
  const file = openSync(path, 'r+')
  fsyncSync(file)
  closeSync(file)
}

async function makeStore({ path, master }: IdentityContent): Promise<SealedPayloads> {
  const key = createLocalMasterKey(parseKeyText(master) as Buffer)
  const store = await openSqliteStore({ path })
  try {
    const rings = createKeyRingStore(store.db)
    await makeKeyRing(rings, rings, key)
    const ring = await openKeyRing(await rings.list(), [key])
    return createSealedPayloads({ current: () => ring, withKey: () => ring })
  } finally {
    store.close()
  }
}

/** What costs is looking at it. */
async function hashOnce(): Promise<string> {
  const hasher = createPasswordHasher({ threads: 1 })
  const hash = await hasher.hash(password)
  await hasher.close()
  return hash
}

export const toUser = (number: number) => `user-${number}`

function addAccounts(database: DatabaseSync, count: number, passwordHash: string): void {
  const add = database.prepare(
    `insert into accounts (id, tenant, username, password_hash, roles, scopes, attributes, created_at, password_changed_at)
     values (?, '', ?, ?, '["customer"]', '[]', ?, ?, ?)`,
  )
  const at = Date.now() - dayMs
  for (let i = 0; i < count; i++) {
    add.run(toUser(i), toUser(i), passwordHash, `{"email":"${toUser(i)}@example.test","emailVerified":true}`, at, at)
  }
}

/** Indexes are made afterwards, which takes a fraction of the time. */
function withoutIndexes<T>(database: DatabaseSync, work: () => T): T {
  const indexes = database
    .prepare(`select name, sql from sqlite_master where type = 'index' and tbl_name = 'artefacts' and sql is not null`)
    .all() as { name: string; sql: string }[]
  database.exec('begin')
  for (const { name } of indexes) database.exec(`drop index "${name}"`)
  const result = work()
  for (const { sql } of indexes) database.exec(sql)
  database.exec('commit')
  return result
}

/** Answers how many. */
function addArtefacts(
  database: DatabaseSync,
  payloads: SealedPayloads,
  accounts: number,
  grants: number,
  endsInMs: number,
): number {
  const add = database.prepare(
    `insert into artefacts (kind, digest, payload, "grant", uid, expires_at, account) values (?, ?, ?, ?, ?, ?, ?)`,
  )
  const now = Date.now()
  const iat = Math.floor(now / 1000) - 3600
  const id = () => randomBytes(32).toString('base64url')
  const sealed = new Map<string, string[]>()
  let count = 0

  function seal(kind: string, digest: string, value: object): string {
    const texts = sealed.get(kind) ?? []
    sealed.set(kind, texts)
    if (texts.length < sealedPerKind) texts.push(payloads.seal(kind, digest, value))
    return texts[count % texts.length] as string
  }

  function put(kind: string, jti: string, accountId: string, more: object, grant: string | null, uid: string | null) {
    const digest = digestSecret(jti)
    const expiresAt = now + endsInMs + randomInt(3_600_000)
    const value = { iat, exp: Math.floor(expiresAt / 1000), accountId, ...more, kind, jti }
    add.run(kind, digest, seal(kind, digest, value), grant, uid, expiresAt, digestSecret(accountId))
    count++
  }

  for (let i = 0; i < grants; i++) {
    const [grantId, accountId] = [id(), toUser(i % accounts)]
    const resources = { [resource]: 'orders:read' }
    put('Grant', grantId, accountId, { clientId: 'cli', openid: { scope: 'openid' }, resources }, null, null)
    if (i % grantsPerRefreshToken > 0) continue
    const token = { clientId: 'cli', grantId, scope: 'openid orders:read', resource, authTime: iat, acr: 'aal1' }
    const line = { gty: 'authorization_code', rotations: 0, iiat: iat, amr: ['pwd'], claims: {}, sessionUid: id() }
    put('RefreshToken', id(), accountId, { ...token, ...line }, digestSecret(grantId), null)
  }
  for (let i = 0; i < Math.min(accounts, grants); i++) {
    const uid = id()
    const session = { uid, loginTs: iat, acr: 'aal1', amr: ['pwd'], authorizations: { cli: { sid: id() } } }
    put('Session', id(), toUser(i), session, null, digestSecret(uid))
  }
  return count
}

function sizeOf(database: DatabaseSync): number {
  const size = database.prepare('select page_count * page_size as size from pragma_page_count, pragma_page_size').get()
  return Number(size?.size)
}
