import { z } from 'zod'
import { explainIssues, type Finding } from '../issues/explain-issues.ts'
import { wordIssue } from '../issues/word-issue.ts'
import { standFor } from './stands-for.ts'

/** What a delegate's function reports with. */
export interface Complain {
  (finding: Partial<Finding> & { message: string }): void
  (findings: readonly Finding[]): void
}

/**
 * A schema whose value is read by a function, where zod's own means would give poor messages. To the JSON Schema, the
 * types and "did you mean" it looks like `inner`; with a `name`, the JSON Schema holds it once.
 */
export function delegate<Input, Output>(
  inner: () => z.ZodType<unknown, Input>,
  parse: (value: unknown, complain: Complain) => Output | undefined,
  name: string | null = null,
): z.ZodType<Output, Input> {
  const schema = z.unknown().transform((value, context) => {
    let failed = false
    const complain = (found: Finding | readonly Finding[]) => {
      for (const { path = [], message, hint = null, part = 'value' } of [found].flat()) {
        failed = true
        context.addIssue({ code: 'custom', path: [...path], message, params: { hint, part } })
      }
    }
    const output = parse(value, complain as Complain)
    return failed ? z.NEVER : output
  })
  const typed = schema as unknown as z.ZodType<Output, Input>
  standFor(typed, inner, name)
  return typed
}

/** Parses with this program's words. */
export function parseWith<T>(
  schema: z.ZodType<T>,
  value: unknown,
): { ok: true; value: T } | { ok: false; findings: Finding[] } {
  const result = schema.safeParse(value, { error: wordIssue })
  if (result.success) return { ok: true, value: result.data }
  return { ok: false, findings: explainIssues(result.error.issues, schema, value) }
}

/** `inner`, after a look at values that deserve a better answer than "not one of". */
export function guarded<Input, Output>(
  inner: z.ZodType<Output, Input>,
  check: (value: unknown) => { message: string; hint?: string } | null,
): z.ZodType<Output, Input> {
  return delegate(
    () => inner,
    (value, complain) => {
      const problem = check(value)
      if (problem !== null) {
        complain(problem)
        return undefined
      }
      const result = parseWith(inner, value)
      if (result.ok) return result.value
      complain(result.findings)
      return undefined
    },
  )
}
