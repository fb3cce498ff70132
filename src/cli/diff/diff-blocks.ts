import { relative } from 'node:path'
import { judgeOwnBlocks, type OwnBlocks } from '../../config/judges/own-blocks.ts'
import type { Snapshot } from '../../config/snapshot.ts'
import { type Judge, unjudged } from '../../core/judge.ts'
import type { AnyPolicy } from '../../core/policy.ts'
import { cryptoJudges } from '../../crypto/judges.ts'
import { identityJudges } from '../../identity/judge.ts'
import { observeJudges } from '../../observe/judges.ts'
import type { Change } from './change.ts'

/** What differs outside of routes, as the folders that read the blocks judge it. */
export function diffBlocks(before: Snapshot, after: Snapshot, policies: readonly AnyPolicy[]): Change[] {
  const judges = collectJudges(policies)
  const others = [...new Set([...Object.keys(before.blocks), ...Object.keys(after.blocks)])].flatMap((name) => {
    const judge = judges.get(name) ?? unjudged
    return judge(before.blocks[name], after.blocks[name]).map((one) => ({ ...one, path: [name, ...one.path] }))
  })
  return [...judgeOwnBlocks(toComparable(before), toComparable(after)), ...others].map(({ effect, path, text }) => ({
    effect,
    subject: path.join('.'),
    text,
  }))
}

/** By the names of the blocks that policies and others read. */
export function collectJudges(policies: readonly AnyPolicy[]): ReadonlyMap<string, Judge<unknown>> {
  const own = [observeJudges, cryptoJudges, identityJudges, ...policies.map(({ judges }) => judges ?? {})]
  return new Map(own.flatMap((judges) => Object.entries(judges) as [string, Judge<unknown>][]))
}

/** The same store beside two files is the same change of nothing, wherever the files are. */
function toComparable({ baseFolder, data, ...rest }: Snapshot): OwnBlocks {
  return { ...rest, data: data.kind === 'sqlite' ? { ...data, path: relative(baseFolder, data.path) } : data }
}
