import type { Answer } from '../../core/answer.ts'
import type { Exchange } from '../../core/exchange.ts'
import { removeField } from '../../core/remove-field.ts'

/**
 * Fields that make an upstream answer with less than the whole object, or tell of an object that is not shown: 206,
 * 304, 412, a compressed body.
 */
const partial = [
  ...['range', 'if-range', 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'],
  ...['accept-encoding', 'te', 'a-im'],
]

/** Asks the upstream for the whole object, as it is. */
export function askForWhole({ headers, upstreamFields }: Exchange): void {
  for (const name of partial) removeField(headers, name)
  upstreamFields.push('accept-encoding', 'identity')
}

/** What was shown to one caller is nobody else's, and cannot be asked for by what it was before. */
export function keepPrivate({ headers }: Answer): void {
  for (const name of ['etag', 'last-modified', 'accept-ranges', 'expires']) headers.delete(name)
  headers.set('cache-control', 'private, no-store')
}
