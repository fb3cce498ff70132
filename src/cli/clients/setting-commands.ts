import { type Command, Option } from 'commander'
import { type ClientRecord, type ClientStore, clientGrants } from '../../stores/ports/client-store.ts'
import { collect, parseText, parseWord } from '../keys/parse-arguments.ts'
import type { FileIssuer } from './surroundings.ts'
import { changeSettings, checkResources, clearable, type UpdateOptions } from './to-settings.ts'

export interface ClientCommonOptions {
  readonly config: string
  readonly json?: true
  readonly tenant?: string
}

/** The clients of the store, for who changes them. */
export interface ChangedClients extends ClientStore {
  /** With the signed tokens that it has. */
  disable(client: ClientRecord, issuer: FileIssuer | null): Promise<unknown>
}

/** What the commands of one client are made with. */
export interface ClientCommands {
  add(name: string, description: string, ...examples: (readonly [string, string])[]): Command
  /** Does something to a client and shows it as it is then. */
  change(
    id: string,
    options: ClientCommonOptions,
    work: (store: ChangedClients, client: ClientRecord, issuer: FileIssuer | null) => Promise<string | null>,
  ): Promise<void>
  readonly now: () => number
}

/** What a client may do, for those who make and those who change one. */
export function addListOptions(command: Command): Command {
  return command
    .option('--name <text>', 'what people are shown', parseText)
    .option('--grant <grant>', `${clientGrants.join(', ')}; may be repeated`, collect(parseWord))
    .option('--scope <scope>', 'what it may ask for; may be repeated', collect(parseWord))
    .option('--redirect <url>', 'where people come back to; may be repeated', collect(parseWord))
    .option('--logout-redirect <url>', 'where they come back to after logging out; may be repeated', collect(parseWord))
    .option('--role <role>', 'a role of the client itself; may be repeated', collect(parseWord))
    .option('--resource <uri>', 'a resource that it may ask for, without it all; may be repeated', collect(parseWord))
}

export function addSettingCommands({ add, change, now }: ClientCommands): void {
  addListOptions(
    add(
      'update',
      'Change what a client may do: lists that are given stand in the place of those it has',
      ['clients update batch --scope orders:read --scope stock:read', 'it may ask for these now, and no others'],
      ['clients update batch --clear resources', 'it may ask for all of them again'],
    ).argument('<id>', 'its id', parseText),
  )
    .addOption(new Option('--clear <what...>', 'take away what it has of these').choices(Object.keys(clearable)))
    .addOption(new Option('--consent <who>', 'whether people are asked').choices(['ask', 'given']))
    .addOption(new Option('--acr <level>', 'aal2: people log in to it with two factors').choices(['aal2']))
    .addOption(new Option('--dpop <whether>', 'whether its tokens must be bound').choices(['optional', 'required']))
    .addOption(new Option('--introspects <whose>', 'whose tokens it may look into').choices(['own', 'all']))
    .action((id: string, options: ClientCommonOptions & UpdateOptions) =>
      change(id, options, async (store, client, issuer) => {
        const settings = changeSettings(client, options)
        checkResources(settings.resources, issuer)
        await store.update({ ...client, settings }, now())
        return null
      }),
    )

  add('disable', 'Keep a client out until it is enabled again, with the tokens that it has', [
    'clients disable batch',
    'it gets no more tokens',
  ])
    .argument('<id>', 'its id', parseText)
    .action((id: string, options: ClientCommonOptions) =>
      change(id, options, async (store, client, issuer) => {
        if (client.settings.disabled === true) return 'It was disabled before.'
        await store.disable(client, issuer)
        return `${id} is disabled, with its tokens.`
      }),
    )
  add('enable', 'Let a client in again', ['clients enable batch', 'with the secrets that it had'])
    .argument('<id>', 'its id', parseText)
    .action((id: string, options: ClientCommonOptions) =>
      change(id, options, async (store, client) => {
        const { disabled, ...settings } = client.settings
        if (disabled !== true) return 'It was enabled before.'
        await store.update({ ...client, settings }, now())
        return `${id} is enabled, with the secrets that it had. Tokens from before stay worthless.`
      }),
    )
}
