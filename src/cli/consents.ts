import { Command } from 'commander'
import { type Consent, listConsents } from '../identity/account/consents.ts'
import { toIssuedTokens } from '../identity/tokens/issued-tokens.ts'
import { createPeopleStore } from '../runtime/people-store.ts'
import { describeUse, type Use } from './describe-use.ts'
import { formatRows } from './format-rows.ts'
import { type IdentitySurroundings, identitySurroundings } from './identity/surroundings.ts'
import { KeyCommandError, withStore } from './keys/key-session.ts'
import { parseText } from './keys/parse-arguments.ts'
import { requireUser } from './users/require-user.ts'

interface CommonOptions {
  readonly config: string
  readonly json?: true
  readonly tenant?: string
}

const exits = ['it is done', 'it could not be done', 'wrong use, or the policy file is wrong'] as const

/** `portcullis consents`: what people allowed applications, and how that ends. */
export function createConsentsCommand(surroundings: IdentitySurroundings = identitySurroundings): Command {
  const { now } = surroundings
  const consents = new Command('consents').description('List and end what people allowed applications')

  function add(name: string, description: string, ...examples: Use['examples']): Command {
    const command = consents
      .command(name)
      .description(description)
      .argument('<user>', 'the name of the account', parseText)
      .option('-c, --config <file>', 'the policy file', 'portcullis.yaml')
      .option('--json', 'print JSON')
      .option('--tenant <tenant>', 'the tenant that it belongs to; without it, none', parseText)
    return describeUse(command, { examples, exits })
  }

  const run = (
    user: string,
    options: CommonOptions,
    work: (found: { id: string; all: Consent[] }, end: EndConsents) => Promise<void>,
  ) =>
    withStore(surroundings, options, async (store, actor) => {
      const { id } = await requireUser(store.accounts, user, options)
      const opened = await surroundings.openIdentity(options.config, store, options.tenant)
      const all = await listConsents({ ...opened, now }, id)
      await work({ id, all }, ({ client, grants }) => {
        const end = { accountId: id, tokens: toIssuedTokens(opened.options, now()), now: now(), grants }
        return createPeopleStore(store.db, actor).withdraw(end, client)
      })
    })
  const print = (json: true | undefined, value: unknown, text: string) =>
    surroundings.print(json ? JSON.stringify(value, null, 2) : text)

  add('list', 'List the applications that an account allowed something', [
    'consents list ann',
    'with their scopes',
  ]).action((user: string, options: CommonOptions) =>
    run(user, options, async ({ all }) => {
      const views = all.map(({ client, name, scopes, since }) => {
        return { client, name, scopes, since: new Date(since).toISOString() }
      })
      const rows = views.map(({ client, name, scopes, since }) => [client, name, scopes.join(' ') || '-', since])
      const text = formatRows(['CLIENT', 'NAME', 'SCOPES', 'SINCE'], rows)
      print(options.json, views, views.length === 0 ? `${user} has allowed no application anything.` : text)
    }),
  )

  add(
    'revoke',
    'Take back what an account allowed an application, with its tokens, at once',
    ['consents revoke ann shop', 'it has to ask again'],
    ['consents revoke ann --all', 'every application'],
  )
    .argument('[client]', 'the id of the client', parseText)
    .option('--all', 'all of them')
    .action((user: string, client: string | undefined, options: CommonOptions & { all?: true }, command: Command) => {
      if ((client === undefined) === (options.all === undefined)) command.error('error: say which: a client, or --all')
      return run(user, options, async ({ all }, end) => {
        const chosen = all.filter((one) => options.all === true || one.client === client)
        if (chosen.length === 0)
          throw new KeyCommandError(`${user} has allowed nothing of the kind; \`portcullis consents list\` shows all.`)
        for (const one of chosen) await end(one)
        const revoked = chosen.map((one) => one.client)
        print(options.json, { user, revoked }, `${user} allows these nothing any more: ${revoked.join(', ')}.`)
      })
    })

  return describeUse(consents, {
    examples: [['consents list ann', 'more with `portcullis consents revoke --help`']],
    exits,
  })
}

type EndConsents = (consent: Consent) => Promise<number>
