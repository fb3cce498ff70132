import type { Kysely, Selectable } from 'kysely'
import type { ReadRows } from './key-lookup.ts'
import {
  type ClientLookup,
  type ClientRecord,
  type ClientSecret,
  type ClientSettings,
  clientGrants,
} from './ports/client-store.ts'
import { StoreError } from './ports/store-error.ts'
import { isPlainObject, isTexts, parseJson, readTime } from './read-columns.ts'
import type { ClientRow, Tables } from './schema.ts'
import { isStorable } from './storable.ts'

/** Looks clients up the way a request needs it: no promise where the database needs none. */
export function createClientLookup(db: Kysely<Tables>, read: ReadRows): ClientLookup {
  const query = db.selectFrom('oauth_clients').selectAll().where('tenant', '=', '').where('id', '=', '').compile()
  return {
    find(id, tenant = '') {
      if (!isStorable(id) || !isStorable(tenant)) return null
      const rows = read<Selectable<ClientRow>>({ ...query, parameters: [tenant, id] })
      return rows instanceof Promise ? rows.then(toOne) : toOne(rows)
    },
  }
}

function toOne([row]: readonly Selectable<ClientRow>[]): ClientRecord | null {
  return row === undefined ? null : toClientRecord(row)
}

/** Throws where a row is not what this program writes: such a client must not be let in. */
export function toClientRecord(row: Selectable<ClientRow>): ClientRecord {
  const damaged = () => new StoreError('unusable', `the stored client ${row.id} is damaged: remove it`)
  return {
    ...(row.tenant !== '' && { tenant: row.tenant }),
    id: row.id,
    settings: parseJson(row.settings, isSettings, damaged),
    secrets: parseJson(row.secrets, isSecrets, damaged),
    createdAt: readTime(row.created_at, damaged),
  }
}

export function toSecretsColumn(secrets: readonly ClientSecret[]): string {
  return JSON.stringify(secrets)
}

function isSettings(value: unknown): value is ClientSettings {
  if (!isPlainObject(value)) return false
  const { name, grants, scopes, redirectUris, postLogoutRedirectUris, roles, consent, dpop, introspects } = value
  const { resources = [], disabled = true, acr = 'aal2', exchanges, legacy } = value
  return (
    (name === null || typeof name === 'string') &&
    isTexts(grants) &&
    grants.every((grant) => (clientGrants as readonly string[]).includes(grant)) &&
    [scopes, redirectUris, postLogoutRedirectUris, roles, resources].every(isTexts) &&
    disabled === true &&
    acr === 'aal2' &&
    (consent === 'ask' || consent === 'given') &&
    (dpop === 'optional' || dpop === 'required') &&
    (introspects === 'own' || introspects === 'all') &&
    // Those stand in the policy file only, where everybody sees them.
    legacy === undefined &&
    (exchanges === undefined || exchanges === 'delegate' || exchanges === 'impersonate') &&
    hasGoodProofs(value)
  )
}

/** What newer clients have beside. */
function hasGoodProofs({
  keys,
  certificate,
  certificateBoundTokens,
  requestObjects,
  registered,
  backchannelLogoutUri,
  allowPrivateAddress,
  allowPlainHttp,
}: Record<string, unknown>): boolean {
  return (
    (keys === undefined || isKeys(keys)) &&
    (certificate === undefined || (isPlainObject(certificate) && Object.keys(certificate).length === 1)) &&
    (backchannelLogoutUri === undefined || typeof backchannelLogoutUri === 'string') &&
    [certificateBoundTokens, registered].every((one) => one === undefined || typeof one === 'boolean') &&
    (requestObjects === undefined || requestObjects === 'optional' || requestObjects === 'required') &&
    [allowPrivateAddress, allowPlainHttp].every((one) => one === undefined || isPlainObject(one))
  )
}

function isKeys(value: unknown): boolean {
  if (!isPlainObject(value)) return false
  const { url, jwks } = value
  return jwks === undefined ? typeof url === 'string' : Array.isArray(jwks) && jwks.every(isPlainObject)
}

function isSecrets(value: unknown): value is ClientSecret[] {
  return (
    Array.isArray(value) &&
    value.every(
      (one) =>
        isPlainObject(one) &&
        typeof one.digest === 'string' &&
        typeof one.createdAt === 'number' &&
        (one.expiresAt === null || typeof one.expiresAt === 'number'),
    )
  )
}
