import { loadPolicyFile } from '../../config/load-policy-file.ts'
import { silentMeter } from '../../core/telemetry.ts'
import type { OwnPasswordHasher } from '../../crypto/passwords/password-hasher.ts'
import { createResetMail } from '../../runtime/factor-mail.ts'
import { openPasswordHasher } from '../../runtime/passwords.ts'
import type { AccountRecord } from '../../stores/ports/account-store.ts'
import type { NewMail } from '../../stores/ports/mail-store.ts'
import type { Store } from '../../stores/store.ts'
import { type IdentitySurroundings, identitySurroundings } from '../identity/surroundings.ts'
import { PolicyFileError } from '../keys/key-session.ts'
import { readPassword } from './read-password.ts'

export interface UserSurroundings extends IdentitySurroundings {
  /** From a prompt, or the first line of standard input. */
  readonly readPassword: () => Promise<string>
  /** Hashes as the block `passwords` of the policy file says. */
  readonly openHasher: (configPath: string) => Promise<OwnPasswordHasher>
  /** As `createResetMail`. */
  readonly createResetMail: (
    configPath: string,
    store: Pick<Store, 'db'>,
    account: AccountRecord,
  ) => Promise<NewMail | null>
}

/** The real ones. */
export const userSurroundings: UserSurroundings = {
  ...identitySurroundings,
  readPassword: () => readPassword(process.stdin, (text) => void process.stderr.write(text)),
  async openHasher(configPath) {
    const loaded = await loadPolicyFile(configPath, { embedded: true })
    if (!loaded.ok) throw new PolicyFileError(loaded.errors)
    return openPasswordHasher(loaded.snapshot, silentMeter)
  },
  async createResetMail(configPath, store, account) {
    const loaded = await loadPolicyFile(configPath, { embedded: true })
    if (!loaded.ok) throw new PolicyFileError(loaded.errors)
    return createResetMail(loaded.snapshot, store, account, Date.now)
  },
}
