import { type CommandSet, type CommonOptions, requireKey } from './command-set.ts'
import { KeyCommandError } from './key-session.ts'
import { toKeyView } from './key-view.ts'
import { parseKeyId } from './parse-arguments.ts'

export function addRevoke({ add, run, print, surroundings }: CommandSet): void {
  add('revoke', 'End a key for good, at once, in every running instance', {
    examples: [['keys revoke k3v9x0q2m8ab', 'for a key that leaked, see `keys identify --revoke`']],
  })
    .argument('<id>', 'its id', parseKeyId)
    .action((id: string, options: CommonOptions) =>
      run(options, async (store) => {
        const at = surroundings.now()
        await requireKey(store, id)
        const result = await store.revoke(id, at)
        const view = toKeyView(await requireKey(store, id), at)
        const text = result === 'revoked' ? `The key ${id} of ${view.owner} is revoked.` : `It was revoked before.`
        print(options.json, view, text)
      }),
    )
}

export function addDisable(commands: CommandSet): void {
  addSwitch(commands, true, 'disable', 'Switch a key off, at once, in every running instance', 'until `keys enable`')
}

export function addEnable(commands: CommandSet): void {
  addSwitch(commands, false, 'enable', 'Switch a key on again', 'it works again, everywhere within a second')
}

function addSwitch(
  { add, run, print, surroundings }: CommandSet,
  disabled: boolean,
  name: string,
  description: string,
  what: string,
): void {
  add(name, description, { examples: [[`keys ${name} k3v9x0q2m8ab`, what]] })
    .argument('<id>', 'its id', parseKeyId)
    .action((id: string, options: CommonOptions) =>
      run(options, async (store) => {
        const at = surroundings.now()
        await requireKey(store, id)
        const result = await store.setDisabled(id, disabled, at)
        if (result === 'revoked') throw new KeyCommandError(`The key ${id} is revoked, which cannot be undone.`)
        const view = toKeyView(await requireKey(store, id), at)
        const text = result === 'switched' ? `The key ${id} of ${view.owner} is ${name}d.` : `It was ${name}d before.`
        print(options.json, view, text)
      }),
    )
}
