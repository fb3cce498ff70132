import type { z } from 'zod'
import { didYouMean } from '../../core/suggest.ts'
import { type KeyPath, type Part, valueAt } from '../source/key-path.ts'
import { knownKeys } from './known-keys.ts'
import { article, describe, oneOf } from './word-issue.ts'

/** One thing that is wrong, relative to the value that was parsed. */
export interface Finding {
  readonly path: KeyPath
  readonly part: Part
  readonly message: string
  readonly hint: string | null
}

type Issue = z.core.$ZodIssue

/** Turns what zod found into findings: one per unknown key, and for a union only what concerns the form that was meant. */
export function explainIssues(issues: readonly Issue[], schema: z.core.$ZodType, root: unknown): Finding[] {
  return issues.flatMap((issue) => explain(issue, [], schema, root))
}

function explain(issue: Issue, base: KeyPath, schema: z.core.$ZodType, root: unknown): Finding[] {
  const path = [...base, ...(issue.path as (string | number)[])]
  const finding = (message: string, hint: string | null = null, part: Part = 'value'): Finding[] => [
    { path, part, message, hint },
  ]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => explainUnknownKey(key, path, knownKeys(schema, path)))
    case 'invalid_union':
      return explainUnion(issue, path, schema, root)
    case 'invalid_value': {
      return finding(issue.message, suggestValue(valueAt(root, path), issue.values))
    }
    case 'invalid_key':
      return finding(issue.issues[0]?.message ?? issue.message, null, 'key')
    case 'custom': {
      const { hint = null, part = 'value' } = (issue.params ?? {}) as Partial<Finding>
      return finding(issue.message, hint, part)
    }
    default:
      return finding(issue.message)
  }
}

export function explainUnknownKey(key: string, path: KeyPath, known: readonly string[]): Finding {
  const hint = didYouMean(key, known) ?? (known.length > 0 ? `Possible here: ${known.join(', ')}.` : null)
  return { path: [...path, key], part: 'key', message: `unknown key "${key}"`, hint }
}

function explainUnion(
  issue: z.core.$ZodIssueInvalidUnion,
  path: KeyPath,
  schema: z.core.$ZodType,
  root: unknown,
): Finding[] {
  const meant = issue.errors.filter((branch) => !branch.some(missesTheForm))
  const nearest = meant.sort((a, b) => a.length - b.length)[0]
  if (nearest !== undefined) return nearest.flatMap((inner) => explain(inner, path, schema, root))

  const written = valueAt(root, path)
  const values = issue.errors.flatMap((branch) => branch.flatMap((inner) => valuesOf(inner)))
  const forms = issue.errors.flatMap((branch) => branch.flatMap((inner) => formOf(inner)))
  const known = values.length === 0 ? [] : [oneOf(values)]
  const possible = [...known, ...new Set(forms)].join(', or ')
  const message = written === undefined ? `is missing: ${possible}` : `must be ${possible}, not ${describe(written)}`
  return [{ path, part: 'value', message, hint: suggestValue(written, values) }]
}

function suggestValue(written: unknown, values: readonly unknown[]): string | null {
  if (typeof written !== 'string') return null
  const texts = values.filter((value) => typeof value === 'string')
  const isQuoted = values.some((value) => typeof value !== 'string' && String(value) === written)
  return isQuoted ? 'Write it without quotes.' : didYouMean(written, texts)
}

/** Whether a branch was not meant at all: another type, or another one of fixed values. */
function missesTheForm(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value')
}

function valuesOf(issue: Issue): readonly unknown[] {
  return issue.path.length === 0 && issue.code === 'invalid_value' ? issue.values : []
}

function formOf(issue: Issue): string[] {
  return issue.path.length === 0 && issue.code === 'invalid_type' ? [article(issue.expected)] : []
}
