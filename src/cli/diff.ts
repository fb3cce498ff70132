import { Command } from 'commander'
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
    .addHelpText('after', '\nExit codes: 0 nothing weakens, 1 something does, 2 a file cannot be read.')
    .action(async (before: string, after: string, { json, embedded = false }: DiffOptions) => {
      const old = await loadSnapshot(before, { embedded, json })
      const now = await loadSnapshot(after, { embedded, json })
      if (old === null || now === null) return
      const changes = diffSnapshots(old, now, policies)
      const weakens = changes.some(({ effect }) => effect === 'weakens')
      console.log(json ? JSON.stringify({ weakens, changes }, null, 2) : formatChanges(changes))
      if (weakens) process.exitCode = 1
    })
}
