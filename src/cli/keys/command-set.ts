import type { Command } from 'commander'
import type { KeyRecord, KeyStore } from '../../stores/ports/key-store.ts'
import { describeUse, type Use } from '../describe-use.ts'
import { KeyCommandError, type KeySurroundings, withStore } from './key-session.ts'
import { describeUnknownKey } from './unknown-key.ts'

export interface CommonOptions {
  readonly config: string
  readonly json?: true
}

/** What each command is made with. */
export interface CommandSet {
  readonly surroundings: KeySurroundings
  /** Adds a subcommand with the options that all have. */
  add(name: string, description: string, use: Pick<Use, 'examples'> & Partial<Use>): Command
  /** Runs on the keys of the store that the policy file names. */
  run(options: CommonOptions, work: (store: KeyStore) => Promise<void>): Promise<void>
  print(json: true | undefined, value: unknown, text: string): void
}

export const usualExits = ['it is done', 'it could not be done', 'wrong use, or the policy file is wrong'] as const

export const shownOnce = 'The key is shown this once. Put it where secrets are kept.'

export function createCommandSet(keys: Command, surroundings: KeySurroundings): CommandSet {
  return {
    surroundings,
    add(name, description, use) {
      const command = keys
        .command(name)
        .description(description)
        .option('-c, --config <file>', 'the policy file', 'portcullis.yaml')
        .option('--json', 'print JSON')
      return describeUse(command, { exits: usualExits, ...use })
    },
    run: (options, work) => withStore(surroundings, options, ({ keys: store }) => work(store)),
    print(json, value, text) {
      surroundings.print(json ? JSON.stringify(value, null, 2) : text)
    },
  }
}

/** The key of an id; where there is none, an error that says which one may have been meant. */
export async function requireKey(store: KeyStore, id: string): Promise<KeyRecord> {
  const key = await store.find(id)
  if (key === null) throw new KeyCommandError(await describeUnknownKey(store, id))
  return key
}
