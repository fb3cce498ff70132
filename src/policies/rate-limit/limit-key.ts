import type { Exchange } from '../../core/exchange.ts'
import { toPrincipalKey } from '../../core/principal.ts'
import type { RequestStage } from '../../core/stages.ts'
import type { LimitPart } from './options.ts'

/** Reads from an exchange whom it is counted for. Two callers never share a key, however they choose their texts. */
export type KeyReader = (exchange: Exchange) => string

/**
 * Where a limit stands. By address or field it comes before credentials are looked at, so that a flood does not pay for
 * that; by caller it must come after. So must a limit per route alone, or strangers would use it up for those who
 * may call.
 */
export function stageOf(per: readonly LimitPart[]): RequestStage & ('guard' | 'limit') {
  if (per.includes('principal') || per.includes('tenant')) return 'limit'
  return per.every((part) => part === 'route') ? 'limit' : 'guard'
}

export function createKeyReader(per: readonly LimitPart[]): KeyReader {
  // The route is in the limit's id already.
  const readers = per.filter((part) => part !== 'route').map(createPartReader)
  const [first, ...rest] = readers
  if (first === undefined) return () => ''
  if (rest.length === 0) return first
  return (exchange) => {
    let key = first(exchange)
    // Each length tells where a text ends, so that no text can pretend to be two.
    for (const read of rest) key = `${key.length}:${key}${read(exchange)}`
    return key
  }
}

function createPartReader(part: Exclude<LimitPart, 'route'>): KeyReader {
  switch (part) {
    case 'ip':
      return (exchange) => exchange.client.key
    case 'principal':
      // A principal's key holds a `|`, an address never does.
      return ({ principal, client }) => (principal === null ? client.key : toPrincipalKey(principal))
    case 'tenant':
      return ({ principal, client }) => {
        if (principal === null) return `i${client.key}`
        return principal.tenant === null ? `p${toPrincipalKey(principal)}` : `t${principal.tenant}`
      }
    default: {
      const name = part.header
      // A field's value holds no NUL, so nobody can use up the count of those who leave the field out.
      return ({ headers, client }) => headers.get(name) ?? `\0${client.key}`
    }
  }
}
