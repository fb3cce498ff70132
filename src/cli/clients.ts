import { Command, InvalidArgumentError, Option } from 'commander'
import { createClientSecret } from '../identity/clients/client-secret.ts'
import { toIssuedTokens } from '../identity/tokens/issued-tokens.ts'
import { auditClients } from '../runtime/audited-clients.ts'
import { disableClient, removeClient } from '../runtime/end-client.ts'
import { inviteClients } from '../runtime/registration-store.ts'
import type { ClientRecord, ClientStore } from '../stores/ports/client-store.ts'
import { formatClient, formatClients, toClientView } from './clients/client-view.ts'
import { createInvitation } from './clients/invite.ts'
import {
  addListOptions,
  addSettingCommands,
  type ChangedClients,
  type ClientCommonOptions,
} from './clients/setting-commands.ts'
import { type ClientSurroundings, clientSurroundings, type FileIssuer } from './clients/surroundings.ts'
import { type AddOptions, checkResources, clientTypes, needsSecret, toSettings } from './clients/to-settings.ts'
import { describeUse, type Use } from './describe-use.ts'
import { KeyCommandError, withStore } from './keys/key-session.ts'
import { parseOverlap, parseText } from './keys/parse-arguments.ts'

const exits = ['it is done', 'it could not be done', 'wrong use, or the policy file is wrong'] as const
const pageSize = 500
const dayMs = 24 * 3_600_000
const maxUses = 1000
const invitationShownOnce =
  'The invitation is shown this once. A program shows it at the registration endpoint (`identity.registration`).'
const shownOnce = 'The secret is shown this once. Put it where secrets are kept.'

/** `portcullis clients`: programs that get tokens of the identity server, beside those of the policy file. */
export function createClientsCommand(surroundings: ClientSurroundings = clientSurroundings): Command {
  const { now } = surroundings
  const clients = new Command('clients').description('Manage the clients of the identity server')

  function add(name: string, description: string, ...examples: Use['examples']): Command {
    const command = clients
      .command(name)
      .description(description)
      .option('-c, --config <file>', 'the policy file', 'portcullis.yaml')
      .option('--json', 'print JSON')
      .option('--tenant <tenant>', 'the tenant of `identity.tenants` that it belongs to; without it, none', parseText)
    return describeUse(command, { examples, exits })
  }

  const toTokens = (issuer: FileIssuer | null) => (issuer?.options ? toIssuedTokens(issuer.options, now()) : null)

  const run = (
    options: ClientCommonOptions,
    work: (store: ChangedClients, issuer: FileIssuer | null) => Promise<void>,
  ) =>
    withStore(surroundings, options, async ({ db }, actor) => {
      // First, because of a tenant that is misspelled nothing should be done.
      const issuer = await surroundings.readIssuer(options.config, options.tenant)
      const disable: ChangedClients['disable'] = (client, from) =>
        disableClient(db, actor, client, toTokens(from), now())
      await work({ ...auditClients(db, actor), disable }, issuer)
    })

  async function require(
    store: ClientStore,
    id: string,
    tenant: string | undefined,
    issuer: FileIssuer | null,
  ): Promise<ClientRecord> {
    const client = await store.find(id, tenant)
    if (client === null) throw unknown(id, issuer)
    return client
  }

  const change = (
    id: string,
    options: ClientCommonOptions,
    work: (store: ChangedClients, client: ClientRecord, issuer: FileIssuer | null) => Promise<string | null>,
  ) =>
    run(options, async (store, issuer) => {
      const said = await work(store, await require(store, id, options.tenant, issuer), issuer)
      const client = await require(store, id, options.tenant, issuer)
      const view = toClientView(client, now())
      print(options.json, view, said ?? formatClient(view))
    })

  function print(json: true | undefined, value: unknown, text: string): void {
    surroundings.print(json ? JSON.stringify(value, null, 2) : text)
  }

  addListOptions(
    add(
      'add',
      'Add a client; its secret is shown once',
      ['clients add batch --type machine --scope orders:read', 'a machine'],
      ['clients add billing --type machine --keys billing.jwks.json', 'a machine with a key instead of a secret'],
      ['clients add shop --redirect https://shop.example.com/callback', 'a web application, for people who log in'],
      [
        'clients add television --public --grant deviceCode --grant refreshToken',
        'a device or program without a browser',
      ],
      [
        'clients add cli --type native --redirect http://127.0.0.1/callback',
        'a program on their own machines: no secret',
      ],
    ).argument('<id>', 'what it calls itself (client_id)', parseText),
  )
    .addOption(
      new Option('--type <type>', 'web: it has a secret; native: it has none; machine: it stands for itself').choices(
        clientTypes,
      ),
    )
    .option('--public', 'it has no place for a secret: an app, a page')
    .option('--backchannel-logout <url>', 'where it is told that somebody has logged out', parseText)
    .option('--first-party', 'it is one of your own: people are not asked whether it may')
    .option(
      '--keys <file or url>',
      'it proves who it is with keys: their public halves, or where it publishes them',
      parseText,
    )
    .option('--certificate-uri <uri>', 'it shows a certificate with this URI, instead of a secret', parseText)
    .option('--certificate-dns <name>', 'the same with a DNS name', parseText)
    .option('--signed-requests', 'its authorization requests must be signed with its keys')
    .addOption(new Option('--acr <level>', 'aal2: people log in to it with two factors').choices(['aal2']))
    .option('--dpop', 'its tokens must be bound to a key')
    .option('--introspects-all', 'it may look into the tokens of others, as an API does')
    .option('--impersonates', 'tokens that it exchanges do not say that it acts: nobody sees it')
    .action((id: string, options: ClientCommonOptions & AddOptions) =>
      run(options, async (store, issuer) => {
        const settings = await toSettings(id, options)
        checkResources(settings.resources, issuer)
        if (issuer?.clients.includes(id)) throw new KeyCommandError(`The policy file has a client "${id}" already.`)
        const secret = needsSecret(options) ? createClientSecret() : null
        const at = now()
        const secrets = secret === null ? [] : [{ digest: secret.digest, createdAt: at, expiresAt: null }]
        const { tenant } = options
        const client: ClientRecord = { ...(tenant && { tenant }), id, settings, secrets, createdAt: at }
        await store.create(client)
        const view = toClientView(client, at)
        const shown = secret === null ? [] : ['', secret.text, '', shownOnce]
        const hint =
          issuer === null ? ['', 'The policy file has no block `identity`: nobody answers this client yet.'] : []
        const value = { ...view, ...(secret !== null && { secret: secret.text }) }
        print(options.json, value, [formatClient(view), ...shown, ...hint].join('\n'))
      }),
    )

  add(
    'invite',
    'Make an invitation by which programs register themselves; it is shown once',
    ['clients invite', 'one client, within a day'],
    ['clients invite --uses 20 --expires 7d', 'twenty of them, within a week'],
  )
    .addOption(new Option('--uses <n>', 'how many clients it makes').argParser(parseUses).default(1))
    .addOption(
      new Option('--expires <duration>', 'how long it is good for').argParser(parseOverlap).default(dayMs, '24h'),
    )
    .action(({ uses, expires, ...options }: ClientCommonOptions & { uses: number; expires: number }) =>
      withStore(surroundings, options, async ({ db }, actor) => {
        const { text, stored } = createInvitation(uses, expires, now())
        await inviteClients(db, actor, stored)
        const value = { invitation: text, uses, expiresAt: new Date(stored.expiresAt).toISOString() }
        print(options.json, value, `${text}\n\n${invitationShownOnce}`)
      }),
    )

  add('list', 'List the clients of the store', ['clients list', 'without their secrets']).action(
    (options: ClientCommonOptions) =>
      run(options, async (store) => {
        const views = (await listAll(store, options.tenant)).map((client) => toClientView(client, now()))
        print(options.json, views, views.length === 0 ? 'The store has no clients.' : formatClients(views))
      }),
  )

  add('show', 'Show one client', ['clients show batch', 'what may it?'])
    .argument('<id>', 'its id', parseText)
    .action((id: string, options: ClientCommonOptions) => change(id, options, async () => null))

  addSettingCommands({ add, change, now })

  add(
    'rotate',
    'Give a client a new secret; the old one works on for a while',
    ['clients rotate batch', 'the old secret works for another day'],
    ['clients rotate batch --overlap 0s', 'it ends at once'],
  )
    .argument('<id>', 'its id', parseText)
    .addOption(
      new Option('--overlap <duration>', 'how long the old secret works on')
        .argParser(parseOverlap)
        .default(dayMs, '24h'),
    )
    .action((id: string, options: ClientCommonOptions & { overlap: number }) =>
      run(options, async (store, issuer) => {
        const [secret, at] = [createClientSecret(), now()]
        const overlapUntil = options.overlap === 0 ? null : at + options.overlap
        const result = await store.rotate({
          ...(options.tenant && { tenant: options.tenant }),
          ...{ id, digest: secret.digest, now: at, overlapUntil },
        })
        if (result === 'unknown') throw unknown(id, issuer)
        if (result === 'public') throw new KeyCommandError(`The client "${id}" has no secret.`)
        const value = { id, secret: secret.text, oldSecretUntil: overlapUntil === null ? null : new Date(overlapUntil) }
        print(options.json, value, `${secret.text}\n\n${shownOnce}`)
      }),
    )

  add('remove', 'Remove a client of the store, with the tokens that it has', ['clients remove batch', 'at once'])
    .argument('<id>', 'its id', parseText)
    .action((id: string, options: ClientCommonOptions) =>
      withStore(surroundings, options, async ({ db }, actor) => {
        const issuer = await surroundings.readIssuer(options.config, options.tenant)
        const client = { id, tenant: options.tenant }
        if (!(await removeClient(db, actor, client, toTokens(issuer), now()))) throw unknown(id, issuer)
        print(options.json, { removed: id }, `The client ${id} is removed, with its tokens.`)
      }),
    )

  return describeUse(clients, {
    examples: [['clients list', 'more with `portcullis clients add --help`']],
    exits,
  })
}

function parseUses(text: string): number {
  const uses = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (uses < 1 || uses > maxUses) throw new InvalidArgumentError(`give a number from 1 to ${maxUses}`)
  return uses
}

function unknown(id: string, issuer: FileIssuer | null): KeyCommandError {
  if (issuer?.clients.includes(id)) {
    return new KeyCommandError(`The client "${id}" stands in the policy file: change it there.`)
  }
  return new KeyCommandError(
    `There is no client "${id}" in the store. \`portcullis clients list\` shows those there are.`,
  )
}

async function listAll(store: ClientStore, tenant: string | undefined): Promise<ClientRecord[]> {
  const all: ClientRecord[] = []
  for (;;) {
    const after = all.at(-1)?.id
    const page = await store.list({ limit: pageSize, ...(tenant && { tenant }), ...(after !== undefined && { after }) })
    all.push(...page)
    if (page.length < pageSize) return all
  }
}
