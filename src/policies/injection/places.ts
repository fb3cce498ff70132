import type { Violation } from '../../input/violation.ts'

export type Part = Violation['in']

/** Where a value stands: a name, or the way down a JSON document. */
export interface Place {
  readonly in: Part
  readonly at: string
}

/** Whether a place of the request is one that the options name; names of fields are told as in the request. */
export type Matches = (place: Place) => boolean

/** Matches one place of the options: pointers token by token, where a star stands for any one, other names as they are. */
export function createMatch(part: Part, pattern: string): Matches {
  if (part === 'header') {
    const name = pattern.toLowerCase()
    return (place) => place.in === part && place.at === name
  }
  if (part !== 'body' || !pattern.startsWith('/')) {
    return (place) => place.in === part && (place.at === pattern || (part === 'body' && pattern === ''))
  }
  const tokens = pattern.split('/')
  // A form has no pointers; `/comment` names its field as well.
  return (place) => place.in === part && (place.at === pattern.slice(1) || isCovered(tokens, place.at))
}

function isCovered(tokens: readonly string[], at: string): boolean {
  const given = at.split('/')
  return given.length === tokens.length && tokens.every((token, i) => token === '*' || token === given[i])
}

/** The pointer of a way down a document (RFC 6901). */
export function toPointer(path: readonly (string | number)[]): string {
  return path.map((one) => `/${String(one).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
