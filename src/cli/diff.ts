import { Command } from 'commander'
import type { Effect } from '../core/judge.ts'
import { policies } from '../policies/index.ts'
import { describeUse } from './describe-use.ts'
import { diffSnapshots, formatChanges } from './diff/diff-snapshots.ts'
import { loadSnapshots } from './load-snapshot.ts'

interface DiffOptions {
  readonly json?: true
  readonly embedded?: boolean
}

/** `portcullis diff`: what changes for callers when one policy file takes the place of another. */
export function createDiffCommand(): Command {
  const command = new Command('diff')
    .description('Compare two policy files and mark what weakens the protection')
    .argument('<before>', 'the policy file as it was')
    .argument('<after>', 'the policy file as it shall be')
    .option('--embedded', 'read them as an application that embeds Portcullis does')
    .option('--json', 'print JSON')
    .action(async (before: string, after: string, { json, embedded = false }: DiffOptions) => {
      const [old, now] = (await loadSnapshots([before, after], { embedded, json })) ?? []
      if (old === undefined || now === undefined) return
      const changes = diffSnapshots(old, now, policies)
      const has = (wanted: Effect) => changes.some(({ effect }) => effect === wanted)
      const result = { weakens: has('weakens'), unjudged: has('unjudged'), changes }
      console.log(json ? JSON.stringify(result, null, 2) : formatChanges(changes))
      if (result.weakens || result.unjudged) process.exitCode = 1
    })
  return describeUse(command, {
    examples: [
      ['diff portcullis.yaml next.yaml', 'what becomes of requests when the second takes the place of the first'],
      ['diff main.yaml branch.yaml --json', 'for a pipeline that asks a person where something weakens'],
    ],
    exits: ['nothing weakens', 'something weakens, or only you can judge it', 'a file is wrong'],
  })
}
