import { Command } from 'commander'
import { toAccountEnd } from '../identity/people/account-end.ts'
import { auditSessions } from '../runtime/audited.ts'
import { createPeopleStore } from '../runtime/people-store.ts'
import type { SessionChoice, SessionRecord, SessionStore } from '../stores/ports/session-store.ts'
import { createSessionStore } from '../stores/session-store.ts'
import type { Store } from '../stores/store.ts'
import { describeUse, type Use } from './describe-use.ts'
import { type IdentitySurroundings, identitySurroundings } from './identity/surroundings.ts'
import { KeyCommandError, withStore } from './keys/key-session.ts'
import { parseText } from './keys/parse-arguments.ts'
import { formatSessions } from './sessions/format-sessions.ts'
import { type SessionView, toLoginView, toSessionView } from './sessions/session-view.ts'
import { requireUser } from './users/require-user.ts'

interface CommonOptions {
  readonly config: string
  readonly json?: true
  readonly user?: string
  readonly tenant?: string
  readonly principal?: string
  readonly all?: true
}

interface RevokeOptions extends CommonOptions {
  readonly except?: string
}

const exits = ['it is done', 'it could not be done', 'wrong use, or the policy file is wrong'] as const
const pageSize = 500
const elsewhere = 'Logins to the identity server are shown by person: `portcullis sessions list --user <user>`.'
const goOn = 'Logins to the identity server go on: `portcullis sessions revoke --user <user>` ends those of a person.'

/** `portcullis sessions`: who is logged in, and how to end that. */
export function createSessionsCommand(surroundings: IdentitySurroundings = identitySurroundings): Command {
  const { now } = surroundings
  const sessions = new Command('sessions').description(
    'List and end the sessions of people in browsers: with applications, and with the identity server',
  )

  function add(name: string, description: string, ...examples: Use['examples']): Command {
    const command = sessions
      .command(name)
      .description(description)
      .option('-c, --config <file>', 'the policy file', 'portcullis.yaml')
      .option('--json', 'print JSON')
    return describeUse(command, { examples, exits })
  }

  const print = (json: true | undefined, value: unknown, text: string) =>
    surroundings.print(json ? JSON.stringify(value, null, 2) : text)

  /** Everything by which the person of an account is logged in. */
  async function listOf(user: string, options: CommonOptions, store: Store, actor: string): Promise<SessionView[]> {
    const account = await requireUser(store.accounts, user, options)
    const logins = await surroundings.openLogins(options.config, store, actor)
    const views = ((await logins?.listOf(account)) ?? []).map((login) => toLoginView(login, account))
    return [...views, ...(await listStored(store, account.id))]
  }

  async function listStored({ db }: Store, principal: string | undefined): Promise<SessionView[]> {
    const [at, views] = [now(), [] as SessionView[]]
    for await (const session of listAll(createSessionStore(db), principal)) views.push(toSessionView(session, at))
    return views
  }

  add(
    'list',
    'List sessions, without their secrets',
    ['sessions list', 'those with applications that are active'],
    ['sessions list --user ann', 'where ann is logged in, the identity server included'],
    ['sessions list --principal alice --all --json', 'those of one principal, for a program'],
  )
    .option('--user <user>', 'only those of one account, with its logins to the identity server', parseText)
    .option('--tenant <tenant>', 'the tenant that the account belongs to; without it, none', parseText)
    .option('--principal <id>', 'only those of one principal', parseText)
    .option('--all', 'also those with applications that ended within the last day')
    .action((options: CommonOptions, command: Command) => {
      const { user, principal, all, json } = options
      if (user !== undefined && principal !== undefined) command.error('error: say which: --user or --principal')
      checkTenant(options, command)
      return withStore(surroundings, options, async (store, actor) => {
        const found = await (user === undefined ? listStored(store, principal) : listOf(user, options, store, actor))
        const views = found.filter(({ status }) => all || status === 'active')
        const nobody = user === undefined ? 'Nobody has a session.' : `${user} is logged in nowhere.`
        const text = views.length === 0 ? nobody : formatSessions(views)
        print(json, views, user === undefined ? `${text}\n\n${elsewhere}` : text)
      })
    })

  add(
    'revoke',
    'End sessions at once, in every running instance',
    ['sessions revoke 5f0c3a9e1b7d2c4e6a8f0b1d', 'one, by the id that `list` shows'],
    ['sessions revoke --user ann', 'ann is logged out everywhere, with everything that applications got by it'],
    ['sessions revoke --principal alice', 'all of one principal'],
    ['sessions revoke --principal alice --except 5f0c3a9e1b7d2c4e6a8f0b1d', 'all of them but one'],
    ['sessions revoke --all', 'everybody logs in to every application again'],
  )
    .argument('[id]', 'its id', parseText)
    .option('--user <user>', 'all of one account, its logins to the identity server included', parseText)
    .option('--tenant <tenant>', 'the tenant that the account belongs to; without it, none', parseText)
    .option('--principal <id>', 'those of one principal', parseText)
    .option('--except <id>', 'one of them that goes on', parseText)
    .option('--all', 'all with applications')
    .action((id: string | undefined, options: RevokeOptions, command: Command) => {
      const { user, principal, except, all, json } = options
      const chosen = [id, user, principal, all].filter((one) => one !== undefined).length
      if (chosen !== 1) command.error('error: say which: an id, --user, --principal or --all')
      if (except !== undefined && principal === undefined) command.error('error: --except goes with --principal')
      checkTenant(options, command)
      return withStore(surroundings, options, async (store, actor) => {
        if (user !== undefined) return signOut(user, options, store, actor)
        const revoked = await (id === undefined
          ? auditSessions(store.db, actor).revokeAll(toChoice(options), now())
          : revoke(id, options, store, actor))
        const text = revoked === 1 ? 'One session has ended.' : `${revoked} sessions have ended.`
        print(json, { revoked }, id === undefined ? `${text}\n\n${goOn}` : text)
      })
    })

  async function revoke(id: string, { config }: RevokeOptions, store: Store, actor: string): Promise<number> {
    let result = await auditSessions(store.db, actor).revoke(id, now())
    if (result === 'unknown')
      result = (await (await surroundings.openLogins(config, store, actor))?.end(id)) ?? 'unknown'
    if (result !== 'unknown') return result === 'revoked' ? 1 : 0
    throw new KeyCommandError(
      `There is no session "${id}". \`portcullis sessions list\` shows those with applications, and with \`--user\` those ` +
        'with the identity server.',
    )
  }

  /** As on the account page: also what is not known yet, because a login goes on, is worth nothing afterwards. */
  async function signOut(user: string, options: RevokeOptions, store: Store, actor: string): Promise<void> {
    const account = await requireUser(store.accounts, user, options)
    const end = toAccountEnd(await surroundings.readIdentity(options.config), account, now())
    const ended = await createPeopleStore(store.db, actor).signOut(end)
    const { sessions: revoked, applications } = ended ?? { sessions: 0, applications: 0 }
    const text = `${user} is logged out: ${revoked} logins and ${applications} grants to applications have ended.`
    print(options.json, { revoked, applications }, text)
  }

  return describeUse(sessions, {
    examples: [['sessions list', 'more with `portcullis sessions revoke --help`']],
    exits,
  })
}

function checkTenant({ user, tenant }: CommonOptions, command: Command): void {
  if (tenant !== undefined && user === undefined) command.error('error: --tenant goes with --user')
}

function toChoice({ principal, except }: RevokeOptions): SessionChoice {
  return { ...(principal !== undefined && { principal }), ...(except !== undefined && { except }) }
}

async function* listAll(store: SessionStore, principal?: string): AsyncGenerator<SessionRecord> {
  let after: string | undefined
  for (;;) {
    const page = await store.list({
      limit: pageSize,
      ...(principal !== undefined && { principal }),
      ...(after !== undefined && { after }),
    })
    yield* page
    after = page.at(-1)?.id
    if (page.length < pageSize) return
  }
}
