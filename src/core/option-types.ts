import { z } from 'zod'
import { checkNetwork } from './address.ts'
import { parseBytes, parseDuration, parseRate, type Rate } from './units.ts'

/*
 * The types of the policy file that policies share. Each accepts the text that a person writes, checks it while the
 * file is read, and hands the policy a number, a rate or a reference.
 */

/** How editors, and the generated tables, tell these texts from others. */
export const durationPattern = '^\\d+(\\.\\d+)? ?(ms|s|m|min|h|d)$'
export const sizePattern = '^\\d+(\\.\\d+)? ?(B|kB|KB|MB|GB|KiB|MiB|GiB)$'
export const ratePattern = '^\\d+ ?/ ?\\d*[a-z]+$'

/** `30s`, `5m`, `24h` → milliseconds. */
export function duration(bounds: { min?: string; max?: string } = {}) {
  return quantity('a duration such as 30s, 5m or 24h', parseDuration, bounds, durationPattern)
}

/** `64KiB`, `1MiB` → bytes. */
export function byteSize(bounds: { min?: string; max?: string } = {}) {
  return quantity('a size such as 64KiB or 1MiB', parseBytes, bounds, sizePattern)
}

/** `100/min` → limit and window. */
export function rate() {
  const what = 'a rate such as 100/min or 5/10s'
  return textFor(what)
    .transform((text, context): Rate => {
      const parsed = parseRate(text)
      if (parsed !== null) return parsed
      context.addIssue({ code: 'custom', message: `"${text}" is not ${what}` })
      return z.NEVER
    })
    .meta({ pattern: ratePattern })
}

/** `10.0.0.0/8`, `2001:db8::/32` or a single address. */
export function cidr() {
  return z.string().superRefine((text, context) => {
    const problem = checkNetwork(text)
    if (problem !== null) context.addIssue({ code: 'custom', message: `"${text}" ${problem}` })
  })
}

/** A reference to a secret: `env:NAME` or `file:path`. A value in its place is refused, so that none gets committed. */
export function secretReference() {
  return z.string().regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/, {
    error: 'a secret is given by reference, env:NAME or file:path, never by value',
  })
}

/** A header field's name, lower-cased. */
export function fieldName() {
  return z
    .string()
    .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, { error: 'not the name of a header field' })
    .transform((name) => name.toLowerCase())
}

/** A number of what is not written there either: nobody would know whether `30` are seconds or milliseconds. */
function textFor(what: string) {
  return z.string({
    error: ({ input }) => (typeof input === 'number' ? `must be ${what}: a number alone has no unit` : undefined),
  })
}

function quantity(
  what: string,
  parse: (text: string) => number | null,
  bounds: { min?: string; max?: string },
  pattern: string,
) {
  const min = bounds.min === undefined ? 0 : parse(bounds.min)
  const max = bounds.max === undefined ? Number.MAX_SAFE_INTEGER : parse(bounds.max)
  if (min === null || max === null) throw new TypeError(`the bounds of ${what} cannot be read`)
  const schema = textFor(what).transform((text, context): number => {
    const value = parse(text)
    const problem =
      value === null
        ? `"${text}" is not ${what}`
        : value < min
          ? `"${text}" is less than ${bounds.min}`
          : value > max
            ? `"${text}" is more than ${bounds.max}`
            : null
    if (value !== null && problem === null) return value
    context.addIssue({ code: 'custom', message: problem ?? what })
    return z.NEVER
  })
  return schema.meta({ pattern })
}
