import { isSame } from './stable-json.ts'

/** What a change of configuration does to the protection: `unjudged` where only a person can tell. */
export type Effect = 'weakens' | 'unjudged' | 'changes' | 'tightens'

/** One value that differs between two policy files. */
export interface JudgedChange {
  readonly effect: Effect
  /** As the file names it, from what was judged. */
  readonly path: readonly string[]
  /** What became of it, such as `10s → 5s` or `RS512 is new`. */
  readonly text: string
}

/**
 * Says what differs between two values of a block and what that does to the protection; nothing where they are the
 * same. It stands beside the block's schema, as only the folder that reads a value knows what it means.
 */
export type Judge<T> = (before: T, after: T) => readonly JudgedChange[]

/** Judges a value by how much it lets happen. What differs and is no weaker is told as a mere change. */
export function byWeakness<T>(weakness: (value: T) => number, show: (value: T) => string = toValueText): Judge<T> {
  return (before, after) => {
    if (isSame(before, after)) return []
    const [less, more] = [weakness(before), weakness(after)]
    const effect = more > less ? 'weakens' : more < less ? 'tightens' : 'changes'
    return [{ effect, path: [], text: `${show(before)} → ${show(after)}` }]
  }
}

/** Judges a list whose order means nothing, entry by entry. */
export function byMembers(added: Effect, removed: Effect): Judge<readonly string[]> {
  return (before, after) => [
    ...after.filter((one) => !before.includes(one)).map((one) => ({ effect: added, path: [], text: `${one} is new` })),
    ...before
      .filter((one) => !after.includes(one))
      .map((one) => ({ effect: removed, path: [], text: `${one} is gone` })),
  ]
}

/** Judges an object key by key; where the file calls one otherwise, its judge stands behind that name. */
export function byKeys<T extends object>(
  judges: {
    readonly [Key in keyof T]-?: Judge<T[Key]> | readonly [name: string, judge: Judge<T[Key]>]
  },
): Judge<T> {
  const entries = Object.entries(judges) as [keyof T & string, Judge<unknown> | readonly [string, Judge<unknown>]][]
  return (before, after) =>
    entries.flatMap(([key, one]) => {
      const [name, judge] = typeof one === 'function' ? [key, one] : one
      return below(name, judge(before[key], after[key]))
    })
}

/** What an entry does that only one of two files has, and how it is told. */
interface Presence<T> {
  readonly added: Effect | ((value: T) => Effect)
  readonly removed: Effect | ((value: T) => Effect)
  readonly show?: (value: T) => string
}

/** Judges something that need not be there: its coming and going, and what differs inside it. */
export function byPresence<T>({ added, removed, show }: Presence<T>, inside: Judge<T>): Judge<T | null | undefined> {
  const toEffect = (effect: Effect | ((value: T) => Effect), value: T) =>
    typeof effect === 'function' ? effect(value) : effect
  return (before, after) => {
    if (before === null || before === undefined) {
      if (after === null || after === undefined) return []
      const text = show === undefined ? 'is new' : `is new: ${show(after)}`
      return [{ effect: toEffect(added, after), path: [], text }]
    }
    if (after !== null && after !== undefined) return inside(before, after)
    return [{ effect: toEffect(removed, before), path: [], text: 'is gone' }]
  }
}

/** Judges what stands under names that the file chooses. A file without the block is one without names. */
export function byNames<T>(presence: Presence<T>, inside: Judge<T>): Judge<Readonly<Record<string, T>> | undefined> {
  const judge = byPresence(presence, inside)
  return (before = {}, after = {}) =>
    Object.keys({ ...before, ...after }).flatMap((name) =>
      below(name, judge(ownValue(before, name), ownValue(after, name))),
    )
}

/** It has no bearing on the protection. */
export const neutral: Judge<unknown> = (before, after) => listLeaves('changes', before, after)

/** What a change of it means is known to nobody but the person who makes it. */
export const unjudged: Judge<unknown> = (before, after) => listLeaves('unjudged', before, after)

/** A value as the file would write it, on one line. */
export function toValueText(value: unknown): string {
  if (value === undefined || value === null) return 'none'
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return `[${value.join(', ')}]`
  return typeof value === 'string' || value instanceof RegExp ? String(value) : JSON.stringify(value)
}

function listLeaves(effect: Effect, before: unknown, after: unknown): readonly JudgedChange[] {
  if (isSame(before, after)) return []
  if (!isPlain(before) || !isPlain(after)) {
    return [{ effect, path: [], text: `${toValueText(before)} → ${toValueText(after)}` }]
  }
  return Object.keys({ ...before, ...after }).flatMap((key) =>
    below(key, listLeaves(effect, ownValue(before, key), ownValue(after, key))),
  )
}

function below(name: string, changes: readonly JudgedChange[]): JudgedChange[] {
  return changes.map((change) => ({ ...change, path: [name, ...change.path] }))
}

function ownValue<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof RegExp)
}
