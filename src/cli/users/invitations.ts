import { createInvitations, InvitationError, type Invitations } from '../../runtime/invitations.ts'
import type { Store } from '../../stores/store.ts'
import type { Describe } from '../describe-use.ts'
import { formatRows } from '../format-rows.ts'
import { KeyCommandError, withStore } from '../keys/key-session.ts'
import { collect, parseText, parseWord } from '../keys/parse-arguments.ts'
import type { UserSurroundings } from './surroundings.ts'

interface CommonOptions {
  readonly config: string
  readonly json?: true
  readonly tenant?: string
}

/** `portcullis users invite` and `users invitations`: who may make an account with `signUp: invited`. */
export function addInvitationCommands(describe: Describe, surroundings: UserSurroundings): void {
  const add: Describe = (...named) =>
    describe(...named).option('--tenant <tenant>', 'whose accounts they are; without it, those of none', parseText)
  const { now } = surroundings
  const run = (options: CommonOptions, work: (invitations: Invitations, store: Store) => Promise<void>) =>
    withStore(surroundings, options, async (store, actor) => {
      const opened = await surroundings.openIdentity(options.config, store, options.tenant)
      await work(createInvitations(store.db, opened, actor, now), store).catch(explain)
    })
  const print = (json: true | undefined, value: unknown, text: string) =>
    surroundings.print(json ? JSON.stringify(value, null, 2) : text)

  add('invite', 'Invite somebody by mail to make an account, which has these roles then', [
    'users invite ann@example.com --role customer',
    'the link in the mail is good for one use and seven days',
  ])
    .argument('<address>', 'whose mails it is sent to, and its user name', parseText)
    .option('--role <role>', 'a role; may be repeated', collect(parseWord))
    .option('--language <tag>', 'of the mail, such as de', parseWord)
    .action((address: string, options: CommonOptions & { role?: readonly string[]; language?: string }) =>
      run(options, async (invitations) => {
        const { role: roles = [], language } = options
        const invitation = await invitations.invite(address, { roles, ...(language !== undefined && { language }) })
        const text = `${invitation.address} is invited; the mail goes out with the running gateway.`
        print(options.json, toView(invitation), text)
      }),
    )

  add('invitations', 'List the invitations that are open', [
    'users invitations',
    'whom, with which roles, until when',
  ]).action((options: CommonOptions) =>
    run(options, async (invitations) => {
      const views = (await invitations.list()).map(toView)
      const rows = views.map(({ id, address, roles, expiresAt }) => [id, address, roles.join(', ') || '-', expiresAt])
      const text = formatRows(['ID', 'ADDRESS', 'ROLES', 'ENDS'], rows)
      print(options.json, views, views.length === 0 ? 'No invitation is open.' : text)
    }),
  )

  add('uninvite', 'Withdraw an invitation: its link opens nothing any more', [
    'users uninvite 5f0c3a9e1b7d2c4e6a8f0b1d',
    'by the id that `users invitations` shows',
  ])
    .argument('<id>', 'its id', parseText)
    .action((id: string, options: CommonOptions) =>
      run(options, async (invitations) => {
        if (!(await invitations.withdraw(id)))
          throw new KeyCommandError(`There is no open invitation "${id}"; \`portcullis users invitations\` shows all.`)
        print(options.json, { withdrawn: id }, 'The invitation is withdrawn.')
      }),
    )
}

function toView({ invitedAt, expiresAt, ...invitation }: Awaited<ReturnType<Invitations['invite']>>) {
  return {
    ...invitation,
    invitedAt: new Date(invitedAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
  }
}

function explain(error: unknown): never {
  throw error instanceof InvitationError ? new KeyCommandError(`Nobody is invited: ${error.message}.`) : error
}
