import type { CompiledQuery, Kysely, Selectable } from 'kysely'
import type { ReadRows } from './key-lookup.ts'
import type { RevocableToken, RevocationLookup, RevokedKind } from './ports/revocation-store.ts'
import type { RevocationRow, Tables } from './schema.ts'
import { isStorable } from './storable.ts'

type Row = Pick<Selectable<RevocationRow>, 'kind' | 'value' | 'issued_until'>

/**
 * Looks tokens up the way a request needs it: one prepared statement, four keys of one index. A revocation that has
 * ended counts as long as it is there, so that no clock that was set forward brings a token back to life.
 */
export function createRevocationLookup(db: Kysely<Tables>, read: ReadRows): RevocationLookup {
  // Compiled once: the parameters are the issuer and the four values.
  const query = db
    .selectFrom('revocations')
    .select(['kind', 'value', 'issued_until'])
    .where('issuer', '=', '')
    .where('value', 'in', ['', '', '', ''])
    .compile() as CompiledQuery<Row>
  return {
    find(token) {
      const { issuer, tokenId, sessionId, subject, clientId } = token
      const values = [tokenId, sessionId ?? '', subject, clientId ?? ''].map((value) =>
        isStorable(value) ? value : '',
      )
      const rows = read<Row>({ ...query, parameters: [issuer, ...values] })
      return rows instanceof Promise ? rows.then((found) => judge(token, found)) : judge(token, rows)
    },
  }
}

function judge(token: RevocableToken, rows: readonly Row[]): RevokedKind | null {
  return rows.find((row) => concerns(row, token))?.kind ?? null
}

function concerns({ kind, value, issued_until: until }: Row, token: RevocableToken): boolean {
  switch (kind) {
    case 'token':
      return value === token.tokenId
    case 'session':
      return value === token.sessionId
    case 'subject':
      return value === token.subject && isOf(until, token)
    case 'client':
      return value === token.clientId && isOf(until, token)
  }
}

function isOf(until: Row['issued_until'], { issuedAt }: RevocableToken): boolean {
  return until === null || issuedAt === null || issuedAt <= Number(until)
}
