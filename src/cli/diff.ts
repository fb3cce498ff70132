import { Command } from 'commander'
import type { Effect } from '../core/judge.ts'
import { policies } from '../policies/index.ts'
import { diffSnapshots, formatChanges } from './diff/diff-snapshots.ts'
import { loadSnapshot } from './load-snapshot.ts'

interface DiffOptions {
  readonly json?: true
  readonly embedded?: boolean
}

/** `portcullis diff`: what changes for callers when one policy file takes the place of another. */
export function createDiffCommand(): Command {
  return new Command('diff')
    .description('Compare two policy files and mark what weakens the protection')
    .argument('<before>', 'the policy file as it was')
    .argument('<after>', 'the policy file as it shall be')
    .option('--embedded', 'read them as an application that embeds Portcullis does')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 nothing weakens, 1 something does or only you can judge it, 2 a file cannot be read.',
    )
    .action(async (before: string, after: string, { json, embedded = false }: DiffOptions) => {
      const old = await loadSnapshot(before, { embedded, json })
      const now = await loadSnapshot(after, { embedded, json })
      if (old === null || now === null) return
      const changes = diffSnapshots(old, now, policies)
      const has = (wanted: Effect) => changes.some(({ effect }) => effect === wanted)
      const result = { weakens: has('weakens'), unjudged: has('unjudged'), changes }
      console.log(json ? JSON.stringify(result, null, 2) : formatChanges(changes))
      if (result.weakens || result.unjudged) process.exitCode = 1
    })
}
