import { Command, InvalidArgumentError } from 'commander'
import { explainUnknown, judgeNewRole, judgeTenant } from '../roles/judge-role.ts'
import { permissionPattern } from '../roles/permission.ts'
import { type RoleView, toRoleViews } from '../roles/role-views.ts'
import type { KeyStore } from '../stores/ports/key-store.ts'
import type { RoleAssignment, RoleRecord, RoleStore } from '../stores/ports/role-store.ts'
import { describeUse, type Use } from './describe-use.ts'
import { formatRows } from './format-rows.ts'
import { requireKey } from './keys/command-set.ts'
import { KeyCommandError, WrongUseError, withStore } from './keys/key-session.ts'
import { collect, parseText, parseWord } from './keys/parse-arguments.ts'
import { checkIssuer, formatHolder, type HolderOptions, parseHolderKey, parseNamed, toHolder } from './roles/holder.ts'
import { formatRole, toList } from './roles/role-view.ts'
import { type FileRoles, type RoleSurroundings, roleSurroundings } from './roles/surroundings.ts'

interface CommonOptions {
  readonly config: string
  readonly tenant?: string
  readonly json?: true
}

interface CreateOptions extends CommonOptions {
  readonly inherit?: readonly string[]
  readonly permission?: readonly string[]
  readonly description?: string
}

interface Session {
  readonly store: RoleStore
  readonly keys: KeyStore
  readonly file: FileRoles
  /** Of the tenant that was named, or of the deployment. */
  readonly stored: readonly RoleRecord[]
  readonly views: readonly RoleView[]
  readonly of: { readonly tenant?: string }
}

const exits = ['it is done', 'it could not be done', 'wrong use, or the policy file is wrong'] as const
const pageSize = 500

/** `portcullis roles`: roles of the policy file and of the store, and who was given one in the store. */
export function createRolesCommand(surroundings: RoleSurroundings = roleSurroundings): Command {
  const { now } = surroundings
  const roles = new Command('roles').description('Look at roles, and give them to callers')

  function add(name: string, description: string, ...examples: Use['examples']): Command {
    const command = roles
      .command(name)
      .description(description)
      .option('-c, --config <file>', 'the policy file', 'portcullis.yaml')
      .option('--tenant <tenant>', 'roles of a tenant of `tenantRoles`, known to its callers only', parseText)
      .option('--json', 'print JSON')
    return describeUse(command, { examples, exits })
  }

  function addWithHolder(name: string, description: string, ...examples: Use['examples']): Command {
    return add(name, description, ...examples)
      .option('--principal <issuer|id>', 'one caller: who vouches for it, and its id there', parseNamed)
      .option('--key <id>', 'one API key', parseHolderKey)
      .option('--group <issuer|group>', 'everyone whose attribute `groups` holds it', parseNamed)
      .option('--client <issuer|client>', 'everyone who comes through a client of that issuer', parseNamed)
  }

  function print(json: true | undefined, value: unknown, text: string): void {
    surroundings.print(json ? JSON.stringify(value, null, 2) : text)
  }

  const run = (options: CommonOptions, action: (session: Session) => Promise<void>) =>
    withStore(surroundings, options, async ({ roles: store, keys }) => {
      const { tenant } = options
      const file = await surroundings.readFile(options.config)
      const wrong = judgeTenant(tenant, file)
      if (wrong !== null) throw new KeyCommandError(wrong)
      const stored = await store.roles(tenant)
      const of = tenant === undefined ? {} : { tenant }
      await action({ store, keys, file, stored, views: toRoleViews(file, stored, tenant), of })
    })

  add('list', 'List all roles', ['roles list', 'those of the policy file and those of the store']).action(
    (options: CommonOptions) =>
      run(options, async ({ views }) => {
        const rows = views.map((role) => [role.name, role.source, toList(role.inherits), toList(role.permissions)])
        const table = formatRows(['ROLE', 'FROM', 'INHERITS', 'PERMISSIONS'], rows)
        print(options.json, views, views.length === 0 ? 'There are no roles.' : table)
      }),
  )

  add('show', 'Show one role with everything that it brings', ['roles show support', 'what may it?'])
    .argument('<role>', 'its name', parseWord)
    .action((name: string, options: CommonOptions) =>
      run(options, async (session) => {
        const role = required(session, name)
        print(options.json, role, formatRole(role))
      }),
    )

  add(
    'create',
    'Create a role in the store',
    ['roles create auditor --inherit customer --permission orders:read', 'routes that ask for orders:read let it in'],
    [
      'roles create editor --tenant north --permission orders:write',
      'a role of one tenant, if `mayGrant` lets it give that',
    ],
  )
    .argument('<role>', 'its name', parseWord)
    .option('--inherit <role>', 'a role that it brings; may be repeated', collect(parseWord))
    .option('--permission <resource:action>', 'what it may; may be repeated', collect(parsePermission))
    .option('--description <text>', 'what it is for', parseText)
    .action((name: string, options: CreateOptions) =>
      run(options, async ({ store, file, stored, of }) => {
        const { inherit = [], permission = [], description = null } = options
        const role = { ...of, name, inherits: inherit, permissions: permission, description, createdAt: now() }
        const wrong = judgeNewRole(role, file, stored)
        if (wrong !== null) throw new KeyCommandError(wrong)
        await store.create(role)
        const [view] = toRoleViews(file, await store.roles(of.tenant), of.tenant).filter((one) => one.name === name)
        const flag = of.tenant === undefined ? '' : ` --tenant ${of.tenant}`
        print(options.json, view, `The role ${name} is there. Give it with \`portcullis roles grant ${name}${flag}\`.`)
      }),
    )

  add('remove', 'Remove a role of the store, and take it from everyone', [
    'roles remove auditor',
    'at once, everywhere',
  ])
    .argument('<role>', 'its name', parseWord)
    .action((name: string, options: CommonOptions) =>
      run(options, async (session) => {
        const { store, stored, of } = session
        // Not by its view: one that the file has taken the place of can be removed too.
        if (!stored.some((role) => role.name === name)) {
          required(session, name)
          throw new KeyCommandError(`The role "${name}" stands in the policy file: remove it there.`)
        }
        await store.remove(name, now(), of.tenant)
        print(options.json, { ...of, removed: name }, `The role ${name} is removed, and nobody holds it any more.`)
      }),
    )

  addWithHolder(
    'grant',
    'Give a role to a caller, a key, a group or a client',
    ["roles grant support --principal 'main|alice'", 'the caller whom the issuer `main` calls alice'],
    ["roles grant customer --group 'main|staff'", 'a whole group'],
  )
    .argument('<role>', 'its name', parseWord)
    .action((name: string, options: CommonOptions & HolderOptions) =>
      run(options, async (session) => {
        const { store, keys, file, of } = session
        const holder = requiredHolder(options, file)
        for (const named of [options.principal, options.group, options.client]) {
          const wrong = named === undefined ? null : checkIssuer(named, file.trusted)
          if (wrong !== null) throw new KeyCommandError(wrong)
        }
        required(session, name)
        if (options.key !== undefined) await requireKey(keys, options.key)
        const result = await store.grant({ ...of, holder, role: name, createdAt: now() })
        const text = result === 'granted' ? 'now holds' : 'held before'
        print(
          options.json,
          { ...of, role: name, holder, result },
          `The ${formatHolder(holder)} ${text} the role ${name}.`,
        )
      }),
    )

  addWithHolder('revoke', 'Take a role away at once, in every running instance', [
    "roles revoke support --principal 'main|alice'",
    'what the policy file or the credential gives stays',
  ])
    .argument('<role>', 'its name', parseWord)
    .action((name: string, options: CommonOptions & HolderOptions) =>
      run(options, async ({ store, file, of }) => {
        const holder = requiredHolder(options, file)
        // Not `required`: what was given of a role that is gone can be taken back too.
        if (!(await store.revoke(holder, name, now(), of.tenant))) {
          throw new KeyCommandError(`The ${formatHolder(holder)} was not given the role "${name}" in the store.`)
        }
        print(
          options.json,
          { ...of, role: name, holder, result: 'revoked' },
          `The ${formatHolder(holder)} lost ${name}.`,
        )
      }),
    )

  addWithHolder('assignments', 'List who was given which role in the store', [
    'roles assignments --role support --json',
    'who holds it?',
  ])
    .option('--role <role>', 'only of one role', parseWord)
    .action((options: CommonOptions & HolderOptions & { role?: string }) =>
      run(options, async ({ store, file, of }) => {
        const holder = toHolder(options, file)
        const found: RoleAssignment[] = []
        for (;;) {
          const after = found.at(-1)
          const page = await store.assignments({
            ...of,
            limit: pageSize,
            ...(options.role === undefined ? {} : { role: options.role }),
            ...(holder === null ? {} : { holder }),
            ...(after === undefined ? {} : { after }),
          })
          found.push(...page)
          if (page.length < pageSize) break
        }
        const rows = found.map((one) => [one.role, formatHolder(one.holder), new Date(one.createdAt).toISOString()])
        const table = formatRows(['ROLE', 'HOLDER', 'SINCE'], rows)
        print(options.json, found, found.length === 0 ? 'Nobody was given a role in the store.' : table)
      }),
    )

  return describeUse(roles, {
    examples: [['roles list', 'more with `portcullis roles grant --help`']],
    exits,
  })
}

function required({ views, file, of }: Session, name: string): RoleView {
  const found = views.find((role) => role.name === name)
  if (found !== undefined) return found
  const known = views.map((role) => role.name)
  throw new KeyCommandError(explainUnknown(name, known, file, of.tenant))
}

function requiredHolder(options: HolderOptions, file: FileRoles) {
  const holder = toHolder(options, file)
  if (holder === null) throw new WrongUseError('Say to whom, once: --principal, --key, --group or --client.')
  return holder
}

function parsePermission(text: string): string {
  if (permissionPattern.test(text)) return text
  throw new InvalidArgumentError('It is not a permission such as orders:read or orders:*.')
}
