/** What a query holds under one name, and the query without it. */
export interface TakenParameter {
  readonly values: readonly string[]
  readonly rest: string
}

/**
 * Takes a parameter out of a query, however its name is escaped: an upstream decodes it too, and must not be handed
 * the credential. The rest stays as it was written. Null where it is not there.
 */
export function takeParameter(query: string, name: string): TakenParameter | null {
  if (!query.includes(name) && !query.includes('%')) return null
  const values: string[] = []
  const rest: string[] = []
  for (const part of query.split('&')) {
    const equals = part.indexOf('=')
    if (decode(equals === -1 ? part : part.slice(0, equals)) !== name) rest.push(part)
    else values.push(equals === -1 ? '' : decode(part.slice(equals + 1)))
  }
  return values.length === 0 ? null : { values, rest: rest.join('&') }
}

function decode(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
