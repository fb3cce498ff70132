import { Answer } from '../core/answer.ts'
import type { Exchange } from '../core/exchange.ts'
import { Fields } from '../core/fields.ts'
import { proofField } from './known-fields.ts'

/** For the log: what answered was no upstream and no handler. */
export const proberTarget = 'portcullis prove'

/** A prober's request has come as far as the door. */
export function createProberReply(exchange: Exchange): Answer {
  exchange.target = proberTarget
  return new Answer('reply', 204, new Fields([proofField, 'forwarded']))
}

/** Says of an answer that a prober brought, behind all policies, that it is one, and that nobody may keep it. */
export function markProberAnswer({ headers }: Answer): void {
  headers.set(proofField, 'answered')
  headers.set('cache-control', 'no-store')
}
