import type { Fields } from './fields.ts'

/** A limit as callers are told of it. */
interface NamedLimit {
  readonly name: string
  readonly limit: number
  readonly windowMs: number
}

/** What is left of it for one caller. */
interface LimitState {
  readonly remaining: number
  readonly waitMs: number
}

/** The texts of one limit for the fields of draft-ietf-httpapi-ratelimit-headers. */
export interface LimitFields {
  /** `"ip-60s";q=600;w=60` */
  readonly policy: string
  /** `"ip-60s";r=599;t=1`: what is left, and the seconds until there is more. */
  state(result: LimitState): string
}

/** Texts that are kept: what is left of most limits is one of few numbers, and more comes within the second. */
const keptTexts = 1024

export function createLimitFields({ name, limit, windowMs }: NamedLimit): LimitFields {
  const kept: string[] = []
  const start = `"${name}";r=`
  return {
    policy: `"${name}";q=${limit};w=${windowMs / 1000}`,
    state({ remaining, waitMs }) {
      // No more than `q`, where the burst is larger than the limit: clients pace themselves by it.
      const left = remaining < limit ? remaining : limit
      if (waitMs > 1000 || left >= keptTexts) return `${start}${left};t=${toSeconds(waitMs)}`
      const text = kept[left]
      if (text !== undefined) return text
      const made = `${start}${left};t=1`
      kept[left] = made
      return made
    },
  }
}

/** Whole seconds, at least one: what `Retry-After` and `t` say. */
export function toSeconds(waitMs: number): number {
  return waitMs <= 1000 ? 1 : Math.ceil(waitMs / 1000)
}

/** Adds one limit to an answer; several limits, and those of the upstream, stand in one list. */
export function writeLimitFields(fields: Fields, policy: string, state: string): void {
  addMember(fields, 'ratelimit-policy', policy)
  addMember(fields, 'ratelimit', state)
}

function addMember(fields: Fields, name: string, member: string): void {
  const present = fields.get(name)
  if (present === undefined) fields.append(name, member)
  else fields.set(name, `${fields.all(name).join(', ')}, ${member}`)
}
