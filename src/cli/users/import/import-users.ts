import { parsePasswordHash } from '../../../crypto/passwords/password-hash.ts'
import type { AccountStore, ImportedAccount } from '../../../stores/ports/account-store.ts'
import { toUsername } from '../../../stores/ports/username.ts'
import { KeyCommandError } from '../../keys/key-session.ts'
import type { ToFields } from './dialects.ts'
import { type Entry, EntryError, type Values } from './entry.ts'
import { toAccount } from './to-account.ts'

export interface ImportOptions {
  /** Reads the file, from its beginning each time. */
  readonly read: () => AsyncIterable<Entry>
  readonly toFields: ToFields | null
  /** Of users who name none. */
  readonly tenant: string | null
  /** Looks at everything and writes nothing. */
  readonly dryRun: boolean
  readonly now: number
}

export interface Imported {
  readonly added: number
  /** They were there before, and are left as they are. */
  readonly present: number
  /** How many passwords are hashed how. */
  readonly hashes: Readonly<Record<string, number>>
  readonly withoutPassword: number
}

const batchSize = 500
const maxUsers = 1_000_000
const maxShown = 20

/**
 * Adds the users of a file. It is looked at as a whole first, so that nothing is written where a line is wrong; then it is
 * written in batches, so that a gateway that runs beside it goes on, and what was cut off is taken up by the next run.
 */
export async function importUsers(accounts: AccountStore, options: ImportOptions): Promise<Imported> {
  const looked = await look(accounts, options)
  if (options.dryRun) return looked
  let [added, seen] = [0, 0]
  try {
    for await (const batch of inBatches(toAccounts(options))) {
      added += await accounts.import(batch)
      seen += batch.length
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw new KeyCommandError(
      `${error.message}\n${added} accounts were added before that. Run the import again: what is there is passed over.`,
    )
  }
  return { ...looked, added, present: seen - added }
}

async function look(accounts: AccountStore, options: ImportOptions): Promise<Imported> {
  const [names, ids, problems] = [new Map<string, string>(), new Map<string, string>(), [] as string[]]
  const hashes: Record<string, number> = {}
  let [present, wrong, withoutPassword, last] = [0, 0, 0, null as string | null]
  const note = (at: string | null, message: string) => {
    if (wrong++ < maxShown) problems.push(at === null ? message : `${at}: ${message}`)
  }
  try {
    for await (const { at, read } of options.read()) {
      last = at
      if (names.size >= maxUsers) throw new EntryError(`there are more than ${maxUsers} users: divide the file`, at)
      try {
        const account = toOne(read(), options)
        const name = JSON.stringify([account.tenant, toUsername(account.username)])
        const other = names.get(name) ?? ids.get(account.id)
        if (other !== undefined) throw new EntryError(`it is the same user as ${other}`)
        names.set(name, at)
        ids.set(account.id, at)
        if (await isPresent(accounts, account)) present++
        if (account.passwordHash === null) withoutPassword++
        else {
          const { algorithm } = parsePasswordHash(account.passwordHash)
          hashes[algorithm] = (hashes[algorithm] ?? 0) + 1
        }
      } catch (error) {
        if (!(error instanceof EntryError)) throw error
        note(at, error.message)
      }
    }
  } catch (error) {
    if (!(error instanceof EntryError)) throw error
    note(error.at, error.at === null && last !== null ? `behind ${last}: ${error.message}` : error.message)
  }
  if (wrong > 0) {
    const more = wrong > maxShown ? [`and ${wrong - maxShown} more`] : []
    throw new KeyCommandError(`Nothing was imported: ${wrong} wrong.\n${[...problems, ...more].join('\n')}`)
  }
  return { added: names.size - present, present, hashes, withoutPassword }
}

async function isPresent(accounts: AccountStore, { id, tenant, username }: ImportedAccount): Promise<boolean> {
  const known = await accounts.findByUsername(tenant, username)
  if (known !== null) return true
  if ((await accounts.find(id)) !== null) throw new EntryError('its id is that of an account with another name')
  return false
}

async function* toAccounts(options: ImportOptions): AsyncGenerator<ImportedAccount> {
  for await (const { read } of options.read()) yield toOne(read(), options)
}

function toOne(values: Values, { toFields, tenant, now }: ImportOptions): ImportedAccount {
  return toAccount(toFields === null ? values : toFields(values), tenant, now)
}

async function* inBatches<T>(all: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = []
  for await (const one of all) {
    if (batch.push(one) < batchSize) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
