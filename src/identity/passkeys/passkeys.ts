import { type AccountLookup, type AccountRecord, accountLookupPort } from '../../stores/ports/account-store.ts'
import { artefactLookupPort, artefactStorePort } from '../../stores/ports/artefact-store.ts'
import { factorLookupPort, factorStorePort } from '../../stores/ports/factor-store.ts'
import { passkeyLookupPort, passkeyStorePort } from '../../stores/ports/passkey-store.ts'
import type { SealedPayloads } from '../artefacts/sealed-payloads.ts'
import type { IdentityDeps } from '../deps.ts'
import { twoFactors } from '../factors/assurance.ts'
import type { IdentityOptions } from '../options.ts'
import { toCreationOptions, toRequestOptions } from './browser-options.ts'
import { type ChallengeUse, createChallenges } from './challenges.ts'
import { createDecoyKey } from './decoy.ts'
import { createKeptPasskeys, type MadePasskey } from './kept-passkeys.ts'
import { type PasskeySite, toPasskeySite } from './options.ts'
import { parseAssertion, parseRegistration } from './parse-response.ts'
import { toUserHandle } from './user-handle.ts'
import { verifyAssertion } from './verify-assertion.ts'
import { verifyRegistration } from './verify-registration.ts'

/** What a person is told: that it came too late or twice, or that it is no good. Why it is not, only the log says. */
export interface PasskeyRefused {
  readonly kind: 'passkey_late' | 'passkey_wrong'
}

export interface ProvenPasskey {
  readonly kind: 'proven'
  readonly account: AccountRecord
  /** RFC 8176: a key of one device or one that is synced, that somebody was there, and that the device knew them. */
  readonly amr: readonly string[]
}

export type Passkeys = ReturnType<typeof createPasskeys>

/** Making and using passkeys; null where there are none. */
export function openPasskeys(options: IdentityOptions, deps: IdentityDeps, payloads: SealedPayloads): Passkeys | null {
  const site = toPasskeySite(options)
  return site === null ? null : createPasskeys(site, options.tenant ?? null, deps, payloads)
}

function createPasskeys(
  site: PasskeySite,
  tenant: string | null,
  { provide, now, log }: IdentityDeps,
  payloads: SealedPayloads,
) {
  const artefacts = { store: provide(artefactStorePort), lookup: provide(artefactLookupPort) }
  const challenges = createChallenges({ ...artefacts, payloads, now })
  const accounts: AccountLookup = provide(accountLookupPort)
  const factors = { factors: provide(factorLookupPort), factorStore: provide(factorStorePort) }
  const passkeyStores = { store: provide(passkeyStorePort), lookup: provide(passkeyLookupPort) }
  const kept = createKeptPasskeys({ ...factors, ...passkeyStores, payloads })
  const decoy = { credentialId: 'none', publicKey: createDecoyKey(), transports: [] }

  function turnDown(reason: string, kind: PasskeyRefused['kind'] = 'passkey_wrong'): PasskeyRefused {
    log.info('passkey_refused', { reason })
    return { kind }
  }

  async function findUsable(accountId: string): Promise<AccountRecord | null> {
    const account = await accounts.find(accountId)
    return account === null || account.disabledAt !== null || account.tenant !== tenant ? null : account
  }

  return {
    kept,

    /** What a browser is asked for to use a passkey: whichever the person has, or one of those. */
    async askToUse(use: ChallengeUse, known: readonly MadePasskey[] = []) {
      return toRequestOptions(site, await challenges.issue(use), known)
    },

    /** What a browser is asked for to make a passkey. */
    async askToMake(use: ChallengeUse, account: Pick<AccountRecord, 'id' | 'username'>, known: readonly MadePasskey[]) {
      return toCreationOptions(site, await challenges.issue(use), account, known)
    },

    /**
     * Who used a passkey. As much work whether there is such a passkey or not.
     * @param expected whose it has to be; null: anybody's
     */
    async prove(text: string, use: ChallengeUse, expected: string | null): Promise<ProvenPasskey | PasskeyRefused> {
      const parsed = parseAssertion(text)
      if (parsed === null) return turnDown('it is no assertion')
      const { given, challenge } = parsed
      if (!(await challenges.take(challenge, use)))
        return turnDown('its challenge is not one of this login, or was used', 'passkey_late')
      const found = await kept.find(given.id)
      const passkey = found !== null && (expected === null || found.factor.account === expected) ? found : null
      const asserted = await verifyAssertion(given, challenge, passkey ?? decoy, site)
      const account = await findUsable(passkey?.factor.account ?? '')
      if (passkey === null) return turnDown('there is no such passkey')
      if ('reason' in asserted) return turnDown(asserted.reason)
      const { id, account: owner } = passkey.factor
      const handle = given.response.userHandle ?? null
      // Where nobody was named, the passkey says whose it is, and must say it (WebAuthn section 7.2 step 6).
      if (handle === null ? expected === null : handle !== toUserHandle(owner))
        return turnDown('it was made for another account')
      if (account === null) return turnDown('its account is not here, or was disabled')
      if (!(await kept.use(passkey, asserted.counter, now()))) {
        log.warn('passkey_counter_back', { passkey: id, account: owner, counter: asserted.counter })
        return { kind: 'passkey_wrong' }
      }
      return { kind: 'proven', account, amr: [passkey.synced ? 'swk' : 'hwk', 'user', twoFactors] }
    },

    /** What a browser made, good to be kept. */
    async accept(text: string, use: ChallengeUse): Promise<MadePasskey | PasskeyRefused> {
      const parsed = parseRegistration(text)
      if (parsed === null) return turnDown('it is no new passkey')
      const { given, challenge } = parsed
      if (!(await challenges.take(challenge, use)))
        return turnDown('its challenge is not one of this session, or was used', 'passkey_late')
      const made = await verifyRegistration(given, challenge, site)
      return 'reason' in made ? turnDown(made.reason) : made
    },
  }
}
