import type { Snapshot } from '../../config/snapshot.ts'
import type { Effect } from '../../core/judge.ts'
import type { AnyPolicy } from '../../core/policy.ts'
import type { Change } from './change.ts'
import { diffBlocks } from './diff-blocks.ts'
import { diffRoutes } from './diff-routes.ts'

/** In the order in which they are shown, with the words that stand in front. */
const words: Readonly<Record<Effect, string>> = {
  weakens: 'weakens',
  unjudged: 'judge yourself',
  changes: 'changes',
  tightens: 'tightens',
}
const order = Object.keys(words)
const wordWidth = Math.max(...Object.values(words).map(({ length }) => length))

/** What differs between two policy files, what weakens the protection first. */
export function diffSnapshots(before: Snapshot, after: Snapshot, policies: readonly AnyPolicy[]): Change[] {
  const changes = [...diffRoutes(before, after, policies), ...diffBlocks(before, after, policies)]
  return changes.sort((a, b) => order.indexOf(a.effect) - order.indexOf(b.effect))
}

/** One line for each change; what is the same for many routes, such as a change of `defaults`, is said once. */
export function formatChanges(changes: readonly Change[]): string {
  if (changes.length === 0) return 'no difference'
  const subjects = new Map<string, string[]>()
  for (const { effect, subject, text } of changes) {
    const line = JSON.stringify([effect, text])
    subjects.set(line, [...(subjects.get(line) ?? []), subject])
  }
  return [...subjects]
    .map(([line, names]) => {
      const [effect, text] = JSON.parse(line) as [Effect, string]
      return `${words[effect].padEnd(wordWidth)}  ${nameSubjects(names)}: ${text}`
    })
    .join('\n')
}

function nameSubjects(names: readonly string[]): string {
  const shown = names.slice(0, 3).join('; ')
  return names.length > 3 ? `${shown}; and ${names.length - 3} more` : shown
}
