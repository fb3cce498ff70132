import { createProbeId, endOfProbe, probeIdPrefix } from '../../accounts/probe-account.ts'
import type { MintedCredential, MintRequest, PolicyDeps } from '../../core/policy.ts'
import { passwordHasherPort } from '../../crypto/passwords/password-hasher-port.ts'
import { randomText } from '../../crypto/random-text.ts'
import { type AccountStore, accountStorePort } from '../../stores/ports/account-store.ts'
import type { BasicOptions } from './options.ts'

const maxLifetimeSeconds = 60
const maxLeftovers = 100

/** Makes an account that can log in for at most a minute, and writes it down in the log. */
export async function mint(
  { tenant }: BasicOptions,
  { roles, scopes, lifetimeSeconds }: MintRequest,
  { provide, now, log }: PolicyDeps,
): Promise<MintedCredential> {
  const accounts = provide(accountStorePort)
  const createdAt = now()
  await removeLeftovers(accounts, createdAt)
  const id = createProbeId(createdAt + Math.min(lifetimeSeconds, maxLifetimeSeconds) * 1000)
  const password = randomText(32)
  const passwordHash = await provide(passwordHasherPort).hash(password)
  await accounts.create({
    id,
    username: id,
    tenant: tenant ?? null,
    passwordHash,
    roles,
    scopes,
    attributes: {},
    createdAt,
  })
  log.info('basic_account_minted', { account: id, roles, scopes })
  return {
    headers: [['authorization', `Basic ${Buffer.from(`${id}:${password}`).toString('base64')}`]],
    async revoke() {
      await accounts.remove(id, now())
      log.info('basic_account_removed', { account: id })
    },
  }
}

/** What a run that was cut off left behind. */
async function removeLeftovers(accounts: AccountStore, now: number): Promise<void> {
  for (const { id } of await accounts.list({ after: probeIdPrefix, limit: maxLeftovers })) {
    const end = endOfProbe(id)
    if (end !== null && end <= now) await accounts.remove(id, now)
  }
}
