import type { Answer } from '../../core/answer.ts'
import { isJsonType, parseJsonBody } from '../../core/json-body.ts'
import { toComparable } from './compare.ts'
import { missing, readPointer, toKeys } from './json-pointer.ts'
import type { ObjectRule } from './options.ts'

/** What an answer must hold, prepared. */
export interface AnswerRule {
  readonly rule: ObjectRule
  readonly keys: readonly string[]
  /** The way to the list; null where the answer itself is the object. */
  readonly each: readonly string[] | null
}

export type AnswerVerdict =
  | { readonly kind: 'own' }
  | { readonly kind: 'foreign'; readonly detail: string }
  | { readonly kind: 'unproven'; readonly detail: string }

export function toAnswerRule(rule: ObjectRule): AnswerRule | null {
  if (rule.answer === undefined) return null
  return { rule, keys: toKeys(rule.answer), each: rule.each === undefined ? null : toKeys(rule.each) }
}

/** Reads an answer that holds an object; what cannot be read whole and in one way proves nothing. */
export function readAnswer(answer: Answer): { readonly document: unknown } | { readonly problem: string } {
  const { status, headers, body } = answer
  if (status !== 200) return { problem: `the upstream answered ${status}, which shows no whole object` }
  const encodings = headers.all('content-encoding').filter((encoding) => encoding.trim().toLowerCase() !== 'identity')
  if (encodings.length > 0) return { problem: `the answer is compressed (${encodings.join(', ')})` }
  if (!isJsonType(headers.get('content-type'))) return { problem: 'the answer is not of a JSON type' }
  if (body === null) return { problem: 'the answer has no body' }
  const parsed = parseJsonBody(typeof body === 'string' ? Buffer.from(body) : body)
  return parsed.ok ? { document: parsed.value } : { problem: parsed.problem.replace('the body', 'the answer') }
}

/** Whether the object, or each one of the list, is the caller's. */
export function checkAnswer(
  document: unknown,
  { rule, keys, each }: AnswerRule,
  allowed: readonly string[],
): AnswerVerdict {
  const objects = each === null ? [document] : readPointer(document, each)
  if (!Array.isArray(objects)) return { kind: 'unproven', detail: `the answer has no list at "${rule.each}"` }
  for (const object of objects) {
    const found = readPointer(object, keys)
    const value = found === missing ? null : toComparable(found)
    if (value === null)
      return { kind: 'unproven', detail: `${rule.answer} is missing, or neither text nor a whole number` }
    if (!allowed.includes(value)) return { kind: 'foreign', detail: `${rule.answer} is not ${rule.equals ?? rule.in}` }
  }
  return { kind: 'own' }
}
