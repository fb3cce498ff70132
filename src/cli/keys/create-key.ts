import { createApiKey } from '../../crypto/api-key.ts'
import { type CommandSet, type CommonOptions, requireKey, shownOnce } from './command-set.ts'
import { formatKey } from './format-keys.ts'
import { addKeyOptions, type KeyOptions, toKeyChanges } from './key-options.ts'
import { toKeyView } from './key-view.ts'
import { parseText } from './parse-arguments.ts'

const nothingGiven = { name: null, tenant: null, roles: [], scopes: [], cidrs: [], expiresAt: null }

export function addCreate({ add, run, print, surroundings }: CommandSet): void {
  const command = add('create', 'Create a key and show it once', {
    examples: [
      ['keys create --owner shop-app --role customer --expires 90d', 'a key for a service'],
      ['keys create --owner ci --scope orders:read --cidr 10.0.0.0/8 --json', 'one that works from a network only'],
      ['keys create --owner trial --environment test --uses 1000 --rate-limit 10/s', 'one to try the API with'],
    ],
  }).requiredOption('--owner <owner>', 'who calls with it: the principal that policies and logs see', parseText)
  addKeyOptions(command).action((options: CommonOptions & KeyOptions & { owner: string }) =>
    run(options, async (store) => {
      const { id, text, digest } = createApiKey()
      const createdAt = surroundings.now()
      const values = toKeyChanges(options, createdAt)
      await store.create({ ...nothingGiven, ...values, id, digest, owner: options.owner, createdAt })
      const view = toKeyView(await requireKey(store, id), createdAt)
      print(options.json, { key: text, ...view }, `${formatKey(view)}\n\n${text}\n\n${shownOnce}`)
    }),
  )
}
