import { Command, InvalidArgumentError } from 'commander'
import { describePasswordProblem } from '../accounts/describe-password-problem.ts'
import { findPasswordProblem } from '../accounts/password-rules.ts'
import { digestSecret } from '../crypto/digest.ts'
import { PasswordError } from '../crypto/passwords/password-error.ts'
import { exportAccount } from '../identity/account/export.ts'
import { findIssuerOf } from '../identity/issuers.ts'
import { toRemoval } from '../identity/people/removal.ts'
import { toIssuedTokens } from '../identity/tokens/issued-tokens.ts'
import { openAudit } from '../runtime/audited.ts'
import { disableAccount } from '../runtime/disable-account.ts'
import { createFactorChanges } from '../runtime/factor-changes.ts'
import { createPeopleStore } from '../runtime/people-store.ts'
import { createAttemptStore } from '../stores/attempt-store.ts'
import { listConnections } from '../stores/connection-rows.ts'
import { createFactorLookup } from '../stores/factor-store.ts'
import type { AccountChanges, AccountRecord, AccountStore } from '../stores/ports/account-store.ts'
import type { AccountEnd } from '../stores/ports/people-store.ts'
import { StoreError } from '../stores/ports/store-error.ts'
import { toUsername } from '../stores/ports/username.ts'
import type { Store } from '../stores/store.ts'
import { describeUse, type Use } from './describe-use.ts'
import { KeyCommandError, WrongUseError, withStore } from './keys/key-session.ts'
import { collect, parseMetadata, parseText, parseWord } from './keys/parse-arguments.ts'
import { formatConnection, toConnectionView } from './users/connection-view.ts'
import {
  addImportOptions,
  formatImported,
  type ImportCommandOptions,
  runImport,
} from './users/import/import-command.ts'
import { createUserId } from './users/import/to-account.ts'
import { addInvitationCommands } from './users/invitations.ts'
import { requireUser } from './users/require-user.ts'
import { type UserSurroundings, userSurroundings } from './users/surroundings.ts'
import { formatUser, formatUsers, toUserView } from './users/user-view.ts'

interface CommonOptions {
  readonly config: string
  readonly json?: true
  readonly tenant?: string
}

interface ChangeOptions extends CommonOptions {
  readonly role?: readonly string[]
  readonly scope?: readonly string[]
  readonly attributes?: Readonly<Record<string, unknown>>
}

const exits = ['it is done', 'it could not be done', 'wrong use, or the policy file is wrong'] as const
const pageSize = 500

/** `portcullis users`: the accounts in the store that the policy file names. */
export function createUsersCommand(surroundings: UserSurroundings = userSurroundings): Command {
  const { now } = surroundings
  const users = new Command('users').description(
    'Create, invite, list, change, sign out, export, disable, unlock, remove and import accounts',
  )

  function add(name: string, description: string, ...examples: Use['examples']): Command {
    const command = users
      .command(name)
      .description(description)
      .option('-c, --config <file>', 'the policy file', 'portcullis.yaml')
      .option('--json', 'print JSON')
    return describeUse(command, { examples, exits })
  }

  function addForUser(name: string, description: string, ...examples: Use['examples']): Command {
    return add(name, description, ...examples)
      .argument('<user>', 'its name', parseUsername)
      .option('--tenant <tenant>', 'the tenant that it belongs to; without it, none', parseText)
  }

  function addChangeOptions(command: Command): Command {
    return command
      .option('--role <role>', 'a role; may be repeated', collect(parseWord))
      .option('--scope <scope>', 'a scope; may be repeated', collect(parseWord))
      .option('--attributes <json>', 'what else policies should know: a JSON object, 4 KiB at most', parseMetadata)
  }

  function print(json: true | undefined, value: unknown, text: string): void {
    surroundings.print(json ? JSON.stringify(value, null, 2) : text)
  }

  const run = (options: CommonOptions, action: (store: Store, actor: string) => Promise<void>) =>
    withStore(surroundings, options, action)

  /** Does something to an account and shows it as it is then. */
  const change = (
    user: string,
    options: CommonOptions,
    action: (accounts: AccountStore, account: AccountRecord, store: Store, actor: string) => Promise<string | null>,
  ) =>
    run(options, async (store, actor) => {
      const { accounts } = store
      const account = await requireUser(accounts, user, options)
      const said = await action(accounts, account, store, actor)
      const view = toUserView(await requireUser(accounts, user, options))
      print(options.json, view, said ?? formatUser(view))
    })

  /** What ends of an account, with the tokens that the identity server of the policy file signed for it. */
  async function toEnd({ id, tenant }: AccountRecord, config: string): Promise<AccountEnd> {
    const [identity, at] = [await surroundings.readIdentity(config), now()]
    const issuer = identity && findIssuerOf(identity, tenant)
    return { accountId: id, tokens: issuer && toIssuedTokens(issuer, at), now: at }
  }

  async function hashNew(account: Pick<AccountRecord, 'username' | 'tenant'>, config: string): Promise<string> {
    const password = await surroundings.readPassword()
    const found = findPasswordProblem(password, account)
    const problem = found === null ? null : describePasswordProblem(found)
    if (problem !== null) throw new KeyCommandError(problem)
    const hasher = await surroundings.openHasher(config)
    try {
      return await hasher.hash(password)
    } catch (error) {
      if (error instanceof PasswordError) throw new KeyCommandError(error.message)
      throw error
    } finally {
      await hasher.close()
    }
  }

  addChangeOptions(
    addForUser(
      'create',
      'Create an account; its password comes from a prompt or from standard input',
      ['users create ann --role customer', 'asks for the password'],
      ['users create ann --tenant north --json', 'for a program: the first line of standard input is the password'],
    ),
  )
    .option('--no-password', 'one that no password opens, until `users password`')
    .action((user: string, options: ChangeOptions & { password: boolean }) =>
      run(options, async ({ accounts }) => {
        const { tenant = null, role = [], scope = [], attributes = {} } = options
        if ((await accounts.findByUsername(tenant, user)) !== null) throw taken(user)
        const passwordHash = options.password ? await hashNew({ username: user, tenant }, options.config) : null
        const account = { id: createUserId(), username: user, tenant, passwordHash, attributes, createdAt: now() }
        await accounts.create({ ...account, roles: role, scopes: scope }).catch(explainConflict(user))
        const view = toUserView(await requireUser(accounts, user, options))
        print(options.json, view, formatUser(view))
      }),
    )

  add(
    'list',
    'List accounts',
    ['users list', 'all of them'],
    ['users list --tenant north --json', 'those of one tenant'],
  )
    .option('--tenant <tenant>', 'only those of one tenant', parseText)
    .action((options: CommonOptions) =>
      run(options, async ({ accounts }) => {
        const views = (await listAll(accounts, options.tenant)).map(toUserView)
        print(options.json, views, views.length === 0 ? 'There are no accounts.' : formatUsers(views))
      }),
    )

  addForUser('show', 'Show one account', ['users show ann', 'its roles, its state, what else opens it']).action(
    (user: string, options: CommonOptions) =>
      run(options, async ({ accounts, db }) => {
        const account = await requireUser(accounts, user, options)
        const connections = (await listConnections(db, account.id)).map(toConnectionView)
        const view = toUserView(account)
        const text = formatUser({ ...view, connections: connections.map(formatConnection) })
        print(options.json, { ...view, connections }, text)
      }),
  )

  addChangeOptions(
    addForUser('update', 'Change what an account may do', [
      'users update ann --role customer --role auditor',
      'it has these roles now, and no others',
    ]),
  )
    .option('--rename <name>', 'what it is called from now on', parseUsername)
    .action((user: string, options: ChangeOptions & { rename?: string }) =>
      run(options, async ({ accounts }) => {
        const { role, scope, attributes, rename } = options
        const changes: AccountChanges = {
          ...(role !== undefined && { roles: role }),
          ...(scope !== undefined && { scopes: scope }),
          ...(attributes !== undefined && { attributes }),
          ...(rename !== undefined && { username: rename }),
        }
        if (Object.keys(changes).length === 0) throw new WrongUseError('Nothing to change was given; see --help.')
        const { id } = await requireUser(accounts, user, options)
        await accounts.update(id, changes, now()).catch(explainConflict(rename ?? user))
        const view = toUserView(await requireUser(accounts, rename ?? user, options))
        print(options.json, view, formatUser(view))
      }),
    )

  addForUser(
    'password',
    'Give an account a new password, or none: the old one ends at once, with every login and its tokens',
    ['users password ann', 'asks for it'],
    ['users password ann --remove', 'no password opens it any more'],
  )
    .option('--remove', 'take the password away')
    .action((user: string, options: CommonOptions & { remove?: true }) =>
      change(user, options, async (_accounts, account, { db }, actor) => {
        const hash = options.remove ? null : await hashNew(account, options.config)
        const end = await toEnd(account, options.config)
        await createPeopleStore(db, actor).changePassword({ ...end, hash, mail: null, token: null })
        return hash === null ? `${user} has no password now.` : `The password of ${user} is changed.`
      }),
    )

  addForUser('sign-out', 'End every login of an account, with everything that applications got by it', [
    'users sign-out ann',
    'it logs in anew, everywhere',
  ]).action((user: string, options: CommonOptions) =>
    run(options, async ({ accounts, db }, actor) => {
      const account = await requireUser(accounts, user, options)
      const ended = await createPeopleStore(db, actor).signOut(await toEnd(account, options.config))
      const { sessions, applications } = ended ?? { sessions: 0, applications: 0 }
      const text = `${user} is signed out: ${sessions} logins and ${applications} grants to applications have ended.`
      print(options.json, { user, sessions, applications }, text)
    }),
  )

  addForUser('disable', 'Keep an account out, at once, in every running instance; its logins and tokens end', [
    'users disable ann',
    'until `users enable`',
  ]).action((user: string, options: CommonOptions) =>
    change(user, options, async (_accounts, account, { db }, actor) => {
      const result = await disableAccount(db, actor, await toEnd(account, options.config))
      return result === 'disabled' ? `${user} is disabled.` : 'It was disabled before.'
    }),
  )

  addForUser('enable', 'Let an account in again', ['users enable ann', 'it can log in again']).action(
    (user: string, options: CommonOptions) =>
      change(user, options, async (accounts, { id }) => {
        const result = await accounts.enable(id, now())
        return result === 'enabled' ? `${user} is enabled.` : 'It was enabled before.'
      }),
  )

  addForUser('unlock', 'Forget the failed attempts on an account, for its owner who is locked out', [
    'users unlock ann',
    'whoever has its password gets in again',
  ]).action((user: string, options: CommonOptions) =>
    run(options, async ({ accounts, db }) => {
      const { tenant, username } = await requireUser(accounts, user, options)
      await createAttemptStore(db).unlock(tenant, username)
      print(options.json, { unlocked: username }, `${user} is no longer locked.`)
    }),
  )

  addForUser(
    'reset-factors',
    'Remove every second factor and passkey of an account, for its owner who has lost them all',
    ['users reset-factors ann', 'the password alone opens it until a new one is added; a mail tells the owner'],
  ).action((user: string, options: CommonOptions) =>
    run(options, async (store, actor) => {
      const account = await requireUser(store.accounts, user, options)
      const removed = await createFactorChanges(store.db, actor).remove({
        account: account.id,
        id: null,
        accountDigest: digestSecret(account.id),
        mail: await surroundings.createResetMail(options.config, store, account),
        now: now(),
      })
      const text = removed === 0 ? `${user} had no second factor.` : `${user} has no second factor any more.`
      print(options.json, { removed }, text)
    }),
  )

  addForUser('remove', 'Remove an account for good, with everything that belongs to it', [
    'users remove ann',
    'its name is free again',
  ]).action((user: string, options: CommonOptions) =>
    run(options, async ({ accounts, db }, actor) => {
      const account = await requireUser(accounts, user, options)
      const { tokens, now: at } = await toEnd(account, options.config)
      await createPeopleStore(db, actor).remove(toRemoval(account, tokens, null, at))
      print(options.json, toUserView(account), `${user} is removed.`)
    }),
  )

  addForUser('export', 'Print everything that is known of an account, as its owner may download it (JSON)', [
    'users export ann',
    'without secrets',
  ]).action((user: string, options: CommonOptions) =>
    run(options, async (store, actor) => {
      const account = await requireUser(store.accounts, user, options)
      const opened = await surroundings.openIdentity(options.config, store, options.tenant)
      const audit = openAudit(store.db)
      const factors = createFactorLookup(store.db, async (query) => (await store.db.executeQuery(query)).rows)
      const data = await exportAccount({ ...opened, factors, audit, now }, account)
      await audit.append({ at: now(), actor, action: 'account-exported', subject: account.id, detail: {} })
      surroundings.print(JSON.stringify(data, null, 2))
    }),
  )

  addInvitationCommands(add, surroundings)

  addImportOptions(
    add(
      'import',
      'Add accounts with hashes that another program made',
      ['users import users.csv --dry-run', 'what would happen?'],
      ['users import users.jsonl', '{"username":"ann","passwordHash":"$2b$12$…","roles":["customer"]} on each line'],
      ['users import realm.json --from keycloak --tenant north', 'an export of another program, into a tenant'],
      ['users import -', 'JSON lines from standard input'],
    ),
  ).action((file: string, options: CommonOptions & ImportCommandOptions) =>
    run(options, async ({ accounts }) => {
      const done = await runImport(accounts, file, options, surroundings)
      const dryRun = options.dryRun === true
      print(options.json, { ...done, dryRun }, formatImported(done, dryRun))
    }),
  )

  return describeUse(users, {
    examples: [['users create ann --role customer', 'more with `portcullis users create --help`']],
    exits,
  })
}

function parseUsername(text: string): string {
  if (text.includes(':')) throw new InvalidArgumentError('It holds a colon, which no login by `basic` can.')
  if (toUsername(text) !== null) return text
  throw new InvalidArgumentError(
    'It is not a name of 1 to 200 characters that can be seen, without a space at its ends.',
  )
}

async function listAll(accounts: AccountStore, tenant: string | undefined): Promise<AccountRecord[]> {
  const all: AccountRecord[] = []
  for (;;) {
    const after = all.at(-1)?.id
    const page = await accounts.list({
      limit: pageSize,
      ...(tenant !== undefined && { tenant }),
      ...(after !== undefined && { after }),
    })
    all.push(...page)
    if (page.length < pageSize) return all
  }
}

function taken(user: string): KeyCommandError {
  return new KeyCommandError(`There is an account "${user}" already.`)
}

function explainConflict(user: string) {
  return (error: unknown): never => {
    throw error instanceof StoreError && error.failure === 'conflict' ? taken(user) : error
  }
}
