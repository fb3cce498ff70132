import type { Answer } from '../../core/answer.ts'
import { type Next, next } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Fields } from '../../core/fields.ts'
import { removeField } from '../../core/remove-field.ts'

/** What makes an upstream answer with a part of a body, or a compressed one. */
const partial = ['range', 'if-range', 'accept-encoding', 'te', 'a-im']
/** Where callers see different things, what one has kept is not asked about. */
const conditions = ['if-none-match', 'if-modified-since']
/** What is said of the bytes as they came (RFC 9530, RFC 3230), or announces more of it. */
const ofBytes = ['content-digest', 'repr-digest', 'digest', 'content-md5', 'accept-ranges', 'trailer']

/** Asks the upstream for the whole body, as it is. */
export function askForWhole({ headers, method, upstreamFields }: Exchange, differs: boolean): void {
  for (const name of partial) removeField(headers, name)
  if (differs && (method === 'GET' || method === 'HEAD')) for (const name of conditions) removeField(headers, name)
  if (!upstreamFields.includes('accept-encoding')) upstreamFields.push('accept-encoding', 'identity')
}

/** What was shown to one caller is nobody else's, where callers see different things. */
export function describeMasked(headers: Fields, differs: boolean): void {
  for (const name of ofBytes) removeField(headers, name)
  if (!differs) return
  headers.delete('expires')
  headers.set('cache-control', 'private, no-store')
}

/** HEAD tells what GET would: no length, which is another one when the body is masked. */
export function describeHead(answer: Answer, differs: boolean): Next {
  describeMasked(answer.headers, differs)
  answer.headers.delete('content-length')
  answer.transform((chunk) => chunk)
  return next
}
