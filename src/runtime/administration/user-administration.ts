import { describePasswordProblem } from '../../accounts/describe-password-problem.ts'
import { findPasswordProblem } from '../../accounts/password-rules.ts'
import type { OwnPasswordHasher } from '../../crypto/passwords/password-hasher.ts'
import { randomText } from '../../crypto/random-text.ts'
import type { IdentityOptions } from '../../identity/options.ts'
import { toAccountEnd } from '../../identity/people/account-end.ts'
import { toRemoval } from '../../identity/people/removal.ts'
import type { AccountChanges, AccountPage, AccountRecord } from '../../stores/ports/account-store.ts'
import { StoreError } from '../../stores/ports/store-error.ts'
import { toUsername } from '../../stores/ports/username.ts'
import type { Store } from '../../stores/store.ts'
import { auditAccounts } from '../audited.ts'
import { disableAccount } from '../disable-account.ts'
import { createPeopleStore } from '../people-store.ts'
import { AdministrationError } from './administration-error.ts'

/** An account, without its hash. Times are epoch milliseconds; null means never, or none. */
export interface User extends Omit<AccountRecord, 'passwordHash'> {
  /** False: no password opens it. */
  readonly hasPassword: boolean
}

export interface NewUser {
  /** 1 to 200 characters that can be seen, without a colon. */
  readonly username: string
  /** Default: it belongs to no tenant. */
  readonly tenant?: string
  /** By the rules of every new password; null, the default: no password opens it. */
  readonly password?: string | null
  readonly roles?: readonly string[]
  readonly scopes?: readonly string[]
  /** Plain JSON, for policies. */
  readonly attributes?: Readonly<Record<string, unknown>>
}

/**
 * The accounts, as `portcullis users` has them. Whatever is changed holds in every running instance within a second, and is
 * told in the audit trail. Everything rejects with an `AdministrationError`, or with a `StoreError` where the store cannot.
 */
export interface UserAdministration {
  /** Rejects with `taken` or `invalid`. */
  create(user: NewUser): Promise<User>
  find(username: string, tenant?: string): Promise<User | null>
  get(id: string): Promise<User | null>
  /** In the order of ids, `limit` at most; `after` is the last id of the page before. */
  list(page: AccountPage): Promise<User[]>
  /** What is not given stays as it is. Rejects with `unknown`, `taken` or `invalid`. */
  update(id: string, changes: AccountChanges): Promise<User>
  /** Ends every login and token of the account, as a change by its owner does; null: no password opens it any more. */
  setPassword(id: string, password: string | null): Promise<User>
  /** Ends every login and token of it. */
  signOut(id: string): Promise<User>
  /** Keeps it out, and ends what it has begun. */
  disable(id: string): Promise<User>
  enable(id: string): Promise<User>
  /** Removes it for good with everything that belongs to it. Rejects with `unknown`. */
  remove(id: string): Promise<void>
}

export interface UserAdministrationDeps {
  readonly store: Store
  readonly actor: string
  readonly identity: IdentityOptions | null
  readonly hasher: OwnPasswordHasher
  readonly now: () => number
}

export function createUserAdministration(deps: UserAdministrationDeps): UserAdministration {
  const { store, actor, identity, hasher, now } = deps
  const accounts = auditAccounts(store.db, actor)
  const people = createPeopleStore(store.db, actor)

  async function require(id: string): Promise<AccountRecord> {
    const account = await accounts.find(id)
    if (account === null) throw new AdministrationError('unknown', `There is no account "${id}".`)
    return account
  }

  const toEnd = (account: AccountRecord) => toAccountEnd(identity, account, now())

  async function hash(password: string, of: Pick<AccountRecord, 'username' | 'tenant'>): Promise<string> {
    const problem = findPasswordProblem(password, of)
    if (problem !== null) throw new AdministrationError('invalid', describePasswordProblem(problem))
    return hasher.hash(password)
  }

  const change = async (id: string, work: (account: AccountRecord) => Promise<unknown>) => {
    await work(await require(id))
    return toUser(await require(id))
  }

  return {
    async create({ username, tenant = null, password = null, roles = [], scopes = [], attributes = {} }) {
      checkName(username)
      const passwordHash = password === null ? null : await hash(password, { username, tenant })
      const account = { id: randomText(16), username, tenant, passwordHash, roles, scopes, attributes }
      await accounts.create({ ...account, createdAt: now() }).catch(explainConflict(username))
      return toUser(await require(account.id))
    },
    async find(username, tenant) {
      const account = await accounts.findByUsername(tenant ?? null, username)
      return account === null ? null : toUser(account)
    },
    async get(id) {
      const account = await accounts.find(id)
      return account === null ? null : toUser(account)
    },
    list: async (page) => (await accounts.list(page)).map(toUser),
    async update(id, changes) {
      if (changes.username !== undefined) checkName(changes.username)
      return change(id, () => accounts.update(id, changes, now()).catch(explainConflict(changes.username ?? id)))
    },
    setPassword: (id, password) =>
      change(id, async (account) => {
        const passwordHash = password === null ? null : await hash(password, account)
        await people.changePassword({ ...toEnd(account), hash: passwordHash, mail: null, token: null })
      }),
    signOut: (id) => change(id, (account) => people.signOut(toEnd(account))),
    disable: (id) => change(id, (account) => disableAccount(store.db, actor, toEnd(account))),
    enable: (id) => change(id, () => accounts.enable(id, now())),
    async remove(id) {
      const account = await require(id)
      const { tokens, now: at } = toEnd(account)
      await people.remove(toRemoval(account, tokens, null, at))
    },
  }
}

function toUser({ passwordHash, ...account }: AccountRecord): User {
  return { ...account, hasPassword: passwordHash !== null }
}

function checkName(username: string): void {
  if (toUsername(username) !== null && !username.includes(':')) return
  throw new AdministrationError(
    'invalid',
    'A user name has 1 to 200 characters that can be seen, no space at its ends, and no colon.',
  )
}

function explainConflict(username: string) {
  return (error: unknown): never => {
    if (!(error instanceof StoreError) || error.failure !== 'conflict') throw error
    throw new AdministrationError('taken', `There is an account "${username}" already.`)
  }
}
