import { Command } from 'commander'
import { auditSessions } from '../runtime/audited.ts'
import type { SessionRecord, SessionStore } from '../stores/ports/session-store.ts'
import { createSessionStore } from '../stores/session-store.ts'
import { describeUse, type Use } from './describe-use.ts'
import { KeyCommandError, type KeySurroundings, withStore } from './keys/key-session.ts'
import { parseText } from './keys/parse-arguments.ts'
import { keySurroundings } from './keys/surroundings.ts'
import { formatSessions } from './sessions/format-sessions.ts'
import { toSessionView } from './sessions/session-view.ts'

interface CommonOptions {
  readonly config: string
  readonly json?: true
  readonly principal?: string
}

interface RevokeOptions extends CommonOptions {
  readonly except?: string
  readonly all?: true
}

const exits = ['it is done', 'it could not be done', 'wrong use, or the policy file is wrong'] as const
const pageSize = 500
const elsewhere =
  'Logins at the identity server are not among them: `portcullis users export <user>` shows those, `users sign-out` ends them.'

/** `portcullis sessions`: who is logged in, and how to end that. */
export function createSessionsCommand(surroundings: KeySurroundings = keySurroundings): Command {
  const { now } = surroundings
  const sessions = new Command('sessions').description(
    'List and end the sessions of people with applications in browsers (logins at the identity server: `users export`, ' +
      '`users sign-out`)',
  )

  function add(name: string, description: string, ...examples: Use['examples']): Command {
    const command = sessions
      .command(name)
      .description(description)
      .option('-c, --config <file>', 'the policy file', 'portcullis.yaml')
      .option('--json', 'print JSON')
    return describeUse(command, { examples, exits })
  }

  add(
    'list',
    'List sessions, without their secrets',
    ['sessions list', 'those that are active'],
    ['sessions list --principal alice --all --json', 'those of one principal, for a program'],
  )
    .option('--principal <id>', 'only those of one principal', parseText)
    .option('--all', 'also those that ended within the last day')
    .action((options: CommonOptions & { all?: true }) =>
      withStore(surroundings, options, async ({ db }) => {
        const at = now()
        const views = []
        for await (const session of listAll(createSessionStore(db), options.principal)) {
          const view = toSessionView(session, at)
          if (options.all || view.status === 'active') views.push(view)
        }
        const text = views.length === 0 ? 'Nobody has a session.' : formatSessions(views)
        surroundings.print(options.json ? JSON.stringify(views, null, 2) : `${text}\n\n${elsewhere}`)
      }),
    )

  add(
    'revoke',
    'End sessions at once, in every running instance',
    ['sessions revoke 5f0c3a9e1b7d2c4e6a8f0b1d', 'one, by the id that `list` shows'],
    ['sessions revoke --principal alice', 'all of one principal'],
    ['sessions revoke --principal alice --except 5f0c3a9e1b7d2c4e6a8f0b1d', 'all of them but one'],
    ['sessions revoke --all', 'everybody logs in again'],
  )
    .argument('[id]', 'its id', parseText)
    .option('--principal <id>', 'those of one principal', parseText)
    .option('--except <id>', 'one of them that goes on', parseText)
    .option('--all', 'all there are')
    .action((id: string | undefined, options: RevokeOptions, command: Command) => {
      const chosen = [id, options.principal, options.all].filter((one) => one !== undefined).length
      if (chosen !== 1) command.error('error: say which: an id, --principal or --all')
      if (options.except !== undefined && options.principal === undefined) {
        command.error('error: --except goes with --principal')
      }
      return withStore(surroundings, options, async ({ db }, actor) => {
        const revoked = await revoke(auditSessions(db, actor), id, options, now())
        const text = revoked === 1 ? 'One session has ended.' : `${revoked} sessions have ended.`
        const more = id === undefined ? `\n\n${elsewhere}` : ''
        surroundings.print(options.json ? JSON.stringify({ revoked }, null, 2) : text + more)
      })
    })

  return describeUse(sessions, {
    examples: [['sessions list', 'more with `portcullis sessions revoke --help`']],
    exits,
  })
}

async function revoke(
  store: SessionStore,
  id: string | undefined,
  { principal, except }: RevokeOptions,
  now: number,
): Promise<number> {
  if (id === undefined) {
    return store.revokeAll(
      { ...(principal !== undefined && { principal }), ...(except !== undefined && { except }) },
      now,
    )
  }
  const result = await store.revoke(id, now)
  if (result === 'unknown') {
    throw new KeyCommandError(`There is no session "${id}". \`portcullis sessions list\` shows those there are.`)
  }
  return result === 'revoked' ? 1 : 0
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
