import { Command } from 'commander'
import { describeUse } from './describe-use.ts'
import { createCommandSet, usualExits } from './keys/command-set.ts'
import { addCreate } from './keys/create-key.ts'
import { addDisable, addEnable, addRevoke } from './keys/end-key.ts'
import { addIdentify } from './keys/identify-keys.ts'
import { addImport } from './keys/import-keys.ts'
import type { KeySurroundings } from './keys/key-session.ts'
import { addList, addShow } from './keys/list-keys.ts'
import { addRotate } from './keys/rotate-key.ts'
import { keySurroundings } from './keys/surroundings.ts'
import { addUpdate } from './keys/update-key.ts'

/** Every command, in the order of `--help`. */
const subcommands = [
  addCreate,
  addList,
  addShow,
  addUpdate,
  addRotate,
  addDisable,
  addEnable,
  addRevoke,
  addIdentify,
  addImport,
]

/** `portcullis keys`: the API keys in the store that the policy file names. */
export function createKeysCommand(surroundings: KeySurroundings = keySurroundings): Command {
  const keys = new Command('keys').description('Create, list, change, rotate, revoke, find and import API keys')
  const commands = createCommandSet(keys, surroundings)
  for (const add of subcommands) add(commands)
  return describeUse(keys, {
    examples: [['keys create --owner shop-app --role customer', 'more with `portcullis keys create --help`']],
    exits: usualExits,
  })
}
