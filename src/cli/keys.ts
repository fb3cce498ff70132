import { Command, Option } from 'commander'
import { createApiKey } from '../crypto/api-key.ts'
import type { KeyRecord, KeyStore } from '../stores/ports/key-store.ts'
import { describeUse, type Use } from './describe-use.ts'
import { formatKey, formatTable } from './keys/format-keys.ts'
import { KeyCommandError, type KeySurroundings, withStore } from './keys/key-session.ts'
import { type KeyView, toKeyView } from './keys/key-view.ts'
import { listAll } from './keys/list-all.ts'
import {
  collect,
  parseKeyId,
  parseLifetime,
  parseNetwork,
  parseOverlap,
  parseText,
  parseWord,
} from './keys/parse-arguments.ts'
import { keySurroundings } from './keys/surroundings.ts'
import { describeUnknownKey } from './keys/unknown-key.ts'

interface CommonOptions {
  readonly config: string
  readonly json?: true
}

interface CreateOptions extends CommonOptions {
  readonly owner: string
  readonly name?: string
  readonly tenant?: string
  readonly role?: readonly string[]
  readonly scope?: readonly string[]
  readonly cidr?: readonly string[]
  readonly expires?: number
}

interface RotateOptions extends CommonOptions {
  readonly overlap: number
  readonly expires?: number
}

const exits = ['it is done', 'it could not be done', 'wrong use, or the policy file is wrong'] as const
const shownOnce = 'The key is shown this once. Put it where secrets are kept.'

/** `portcullis keys`: the API keys in the store that the policy file names. */
export function createKeysCommand(surroundings: KeySurroundings = keySurroundings): Command {
  const { now } = surroundings
  const keys = new Command('keys').description('Create, list, rotate and revoke API keys')

  function add(name: string, description: string, ...examples: Use['examples']): Command {
    const command = keys
      .command(name)
      .description(description)
      .option('-c, --config <file>', 'the policy file', 'portcullis.yaml')
      .option('--json', 'print JSON')
    return describeUse(command, { examples, exits })
  }

  function print(json: true | undefined, value: unknown, text: string): void {
    surroundings.print(json ? JSON.stringify(value, null, 2) : text)
  }

  add(
    'create',
    'Create a key and show it once',
    ['keys create --owner shop-app --role customer --expires 90d', 'a key for a service'],
    ['keys create --owner ci --scope orders:read --cidr 10.0.0.0/8 --json', 'one that works from a network only'],
  )
    .requiredOption('--owner <owner>', 'who calls with it: the principal that policies and logs see', parseText)
    .option('--name <name>', 'what tells it from other keys of the owner', parseText)
    .option('--tenant <tenant>', 'the tenant that the owner belongs to', parseText)
    .option('--role <role>', 'a role; may be repeated', collect(parseWord))
    .option('--scope <scope>', 'a scope; may be repeated', collect(parseWord))
    .option('--expires <duration>', 'when it ends, such as 90d; without it, never', parseLifetime)
    .option('--cidr <network>', 'a network it may be used from; may be repeated', collect(parseNetwork))
    .action((options: CreateOptions) =>
      withStore(surroundings, options, async ({ keys: store }) => {
        const { id, text, digest } = createApiKey()
        const createdAt = now()
        await store.create({
          id,
          digest,
          owner: options.owner,
          name: options.name ?? null,
          tenant: options.tenant ?? null,
          roles: options.role ?? [],
          scopes: options.scope ?? [],
          cidrs: options.cidr ?? [],
          createdAt,
          expiresAt: options.expires === undefined ? null : createdAt + options.expires,
        })
        const view = toKeyView(await required(store, id), createdAt)
        print(options.json, { key: text, ...view }, `${formatKey(view)}\n\n${text}\n\n${shownOnce}`)
      }),
    )

  add(
    'list',
    'List keys, without their secrets',
    ['keys list', 'all of them'],
    ['keys list --owner shop-app --json', 'those of one owner, for a program'],
  )
    .option('--owner <owner>', 'only those of one owner', parseText)
    .action((options: CommonOptions & { owner?: string }) =>
      withStore(surroundings, options, async ({ keys: store }) => {
        const at = now()
        const found: KeyView[] = []
        for await (const key of listAll(store, options.owner)) found.push(toKeyView(key, at))
        print(options.json, found, found.length === 0 ? 'There are no keys.' : formatTable(found))
      }),
    )

  add('show', 'Show one key, without its secret', ['keys show k3v9x0q2m8ab', 'who has it, until when'])
    .argument('<id>', 'its id', parseKeyId)
    .action((id: string, options: CommonOptions) =>
      withStore(surroundings, options, async ({ keys: store }) => {
        const view = toKeyView(await required(store, id), now())
        print(options.json, view, formatKey(view))
      }),
    )

  add(
    'rotate',
    'Give a key a new secret; the old one works on for a while',
    ['keys rotate k3v9x0q2m8ab', 'the old secret works for another day'],
    ['keys rotate k3v9x0q2m8ab --overlap 0s', 'it ends at once'],
  )
    .argument('<id>', 'its id', parseKeyId)
    .addOption(
      new Option('--overlap <duration>', 'how long the old secret works on, 0s for not at all')
        .argParser(parseOverlap)
        .default(24 * 3_600_000, '24h'),
    )
    .option(
      '--expires <duration>',
      'a new end, counted from now; without it, the key ends when it would',
      parseLifetime,
    )
    .action((id: string, options: RotateOptions) =>
      withStore(surroundings, options, async ({ keys: store }) => {
        const at = now()
        await required(store, id)
        const { text, digest } = createApiKey(id)
        const renewed = options.expires === undefined ? {} : { expiresAt: at + options.expires }
        const result = await store.rotate({ id, digest, now: at, overlapUntil: at + options.overlap, ...renewed })
        if (result.kind !== 'rotated') throw new KeyCommandError(rotationProblems[result.kind](id))
        const view = toKeyView(result.key, at)
        print(options.json, { key: text, ...view }, `${formatKey(view)}\n\n${text}\n\n${shownOnce}`)
      }),
    )

  add('revoke', 'End a key at once, in every running instance', [
    'keys revoke k3v9x0q2m8ab',
    'its id, or the whole key that leaked',
  ])
    .argument('<id>', 'its id', parseKeyId)
    .action((id: string, options: CommonOptions) =>
      withStore(surroundings, options, async ({ keys: store }) => {
        const at = now()
        await required(store, id)
        const result = await store.revoke(id, at)
        const view = toKeyView(await required(store, id), at)
        const text = result === 'revoked' ? `The key ${id} of ${view.owner} is revoked.` : `It was revoked before.`
        print(options.json, view, text)
      }),
    )

  return describeUse(keys, {
    examples: [['keys create --owner shop-app --role customer', 'more with `portcullis keys create --help`']],
    exits,
  })
}

const rotationProblems = {
  unknown: (id: string) => `There is no key "${id}".`,
  ended: (id: string) => `The key ${id} has ended: create a new one.`,
  crowded: (id: string) =>
    `The key ${id} has too many old secrets that still work: give --overlap 0s to end them, or wait.`,
}

async function required(store: KeyStore, id: string): Promise<KeyRecord> {
  const key = await store.find(id)
  if (key === null) throw new KeyCommandError(await describeUnknownKey(store, id))
  return key
}
