import type { AccountRecord, AccountStore } from '../../stores/ports/account-store.ts'
import { KeyCommandError } from '../keys/key-session.ts'

/** The account of a name, or what to tell who asked for it. */
export async function requireUser(
  accounts: AccountStore,
  user: string,
  { tenant = null }: { readonly tenant?: string | null },
): Promise<AccountRecord> {
  const account = await accounts.findByUsername(tenant, user)
  if (account !== null) return account
  const where = tenant === null ? 'that belongs to no tenant' : `in the tenant "${tenant}"`
  throw new KeyCommandError(`There is no account "${user}" ${where}; \`portcullis users list\` shows all.`)
}
