import { Option } from 'commander'
import type { KeyChanges } from '../../stores/ports/key-store.ts'
import { type CommandSet, type CommonOptions, requireKey } from './command-set.ts'
import { formatKey } from './format-keys.ts'
import { addKeyOptions, cleared, type KeyOptions, toKeyChanges } from './key-options.ts'
import { KeyCommandError, WrongUseError } from './key-session.ts'
import { toKeyView } from './key-view.ts'
import { parseKeyId, parseText } from './parse-arguments.ts'

type UpdateOptions = CommonOptions & KeyOptions & { readonly owner?: string; readonly clear?: readonly string[] }

export function addUpdate({ add, run, print, surroundings }: CommandSet): void {
  const command = add('update', 'Change what is known of a key; its secret stays', {
    examples: [
      ['keys update k3v9x0q2m8ab --role customer --role auditor', 'it has these roles now, and no others'],
      ['keys update k3v9x0q2m8ab --uses 1000 --clear expires', 'a thousand more requests, and no end'],
    ],
  })
    .argument('<id>', 'its id', parseKeyId)
    .option('--owner <owner>', 'who calls with it from now on', parseText)
  addKeyOptions(command)
    .addOption(
      new Option('--clear <option...>', 'takes away what one of these options gave').choices(Object.keys(cleared)),
    )
    .action((id: string, options: UpdateOptions) =>
      run(options, async (store) => {
        const at = surroundings.now()
        const changes = gather(options, at)
        await requireKey(store, id)
        const result = await store.update(id, changes, at)
        if (result.kind !== 'updated') throw new KeyCommandError(`The key ${id} has ended: create a new one.`)
        const view = toKeyView(result.key, at)
        print(options.json, view, formatKey(view))
      }),
    )
}

function gather(options: UpdateOptions, now: number): KeyChanges {
  const given = toKeyChanges(options, now)
  const changes: KeyChanges = { ...given, ...(options.owner !== undefined && { owner: options.owner }) }
  const away = Object.assign({}, ...(options.clear ?? []).map((name) => cleared[name])) as KeyChanges
  const both = Object.keys(away).find((name) => name in changes)
  if (both !== undefined) throw new WrongUseError(`It cannot both be given and be cleared: ${both}.`)
  const all = { ...changes, ...away }
  if (Object.keys(all).length === 0) throw new WrongUseError('Nothing to change was given; see --help.')
  return all
}
