import type { ObjectRule } from './options.ts'

/** A rule in words, for the log and for `explain`. */
export function describeRule({ param, query, body, answer, equals, in: list }: ObjectRule): string {
  const places = {
    'the path parameter': param,
    'the query parameter': query,
    'the body at': body,
    'the answer at': answer,
  }
  const [place = '', name = ''] = Object.entries(places).find(([, value]) => value !== undefined) ?? []
  return `${place} ${name} must be ${equals ?? `in ${list}`}`
}
