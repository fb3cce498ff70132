import { type CommandSet, type CommonOptions, requireKey } from './command-set.ts'
import { formatKey, formatTable } from './format-keys.ts'
import { type KeyView, toKeyView } from './key-view.ts'
import { listAll } from './list-all.ts'
import { parseEnvironment, parseKeyId, parseLifetime, parseText } from './parse-arguments.ts'

interface ListOptions extends CommonOptions {
  readonly owner?: string
  readonly environment?: string
  readonly expiring?: number
}

export function addList({ add, run, print, surroundings }: CommandSet): void {
  add('list', 'List keys, without their secrets', {
    examples: [
      ['keys list', 'all of them'],
      ['keys list --owner shop-app --json', 'those of one owner, for a program'],
      ['keys list --expiring 14d', 'those whose end is near'],
    ],
  })
    .option('--owner <owner>', 'only those of one owner', parseText)
    .option('--environment <name>', 'only those of one environment', parseEnvironment)
    .option('--expiring <duration>', 'only those that still work and end within this time', parseLifetime)
    .action((options: ListOptions) =>
      run(options, async (store) => {
        const at = surroundings.now()
        const { owner, environment, expiring } = options
        const found: KeyView[] = []
        for await (const key of listAll(store, {
          ...(owner !== undefined && { owner }),
          ...(expiring !== undefined && { ends: { after: at, before: at + expiring } }),
        })) {
          if (environment === undefined || key.environment === environment) found.push(toKeyView(key, at))
        }
        const nothing = expiring === undefined ? 'There are no keys.' : 'No key ends in that time.'
        print(options.json, found, found.length === 0 ? nothing : formatTable(found))
      }),
    )
}

export function addShow({ add, run, print, surroundings }: CommandSet): void {
  add('show', 'Show one key, without its secret', {
    examples: [['keys show k3v9x0q2m8ab', 'who has it, until when']],
  })
    .argument('<id>', 'its id', parseKeyId)
    .action((id: string, options: CommonOptions) =>
      run(options, async (store) => {
        const view = toKeyView(await requireKey(store, id), surroundings.now())
        print(options.json, view, formatKey(view))
      }),
    )
}
