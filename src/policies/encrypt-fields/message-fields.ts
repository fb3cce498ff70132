import type { Answer } from '../../core/answer.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Fields } from '../../core/fields.ts'
import { isJsonType } from '../../core/json-body.ts'
import { removeField } from '../../core/remove-field.ts'
import { dropDigests } from '../drop-digests.ts'

/** What makes an upstream answer with a part of a document, or a compressed one. */
const partial = ['range', 'if-range', 'accept-encoding', 'te', 'a-im']
/** A document that is not shown as it is stored is not asked for by what it was; writes keep their conditions. */
const conditions = ['if-none-match', 'if-modified-since']

/** Why a body cannot be read as JSON; null where it can. */
export function findObstacle(headers: Fields): string | null {
  const encodings = headers.all('content-encoding').filter((one) => one.trim().toLowerCase() !== 'identity')
  if (encodings.length > 0) return 'it is compressed'
  const types = headers.all('content-type')
  return types.length === 1 && isJsonType(types[0]) ? null : 'it is not of a JSON type'
}

/** Asks the upstream for the whole document, as it is. */
export function askForWhole({ headers, method, upstreamFields }: Exchange): void {
  const isRead = method === 'GET' || method === 'HEAD'
  for (const name of isRead ? [...partial, ...conditions] : partial) removeField(headers, name)
  upstreamFields.push('accept-encoding', 'identity')
}

/** What was shown to one caller is nobody else's. */
export function keepPrivate({ headers }: Answer): void {
  dropDigests(headers)
  for (const name of ['accept-ranges', 'expires']) headers.delete(name)
  headers.set('cache-control', 'private, no-store')
}
