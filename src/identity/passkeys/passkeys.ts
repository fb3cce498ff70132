import { type AccountLookup, type AccountRecord, accountLookupPort } from '../../stores/ports/account-store.ts'
import { artefactLookupPort, artefactStorePort } from '../../stores/ports/artefact-store.ts'
import { type PasskeyRecord, passkeyLookupPort, passkeyStorePort } from '../../stores/ports/passkey-store.ts'
import type { SealedPayloads } from '../artefacts/sealed-payloads.ts'
import type { IdentityDeps } from '../deps.ts'
import type { IdentityOptions } from '../options.ts'
import { toCreationOptions, toRequestOptions } from './browser-options.ts'
import { type ChallengeUse, createChallenges } from './challenges.ts'
import { createDecoyKey } from './decoy.ts'
import { toPasskeySite } from './options.ts'
import { parseAssertion, parseRegistration } from './parse-response.ts'
import { toUserHandle } from './user-handle.ts'
import { verifyAssertion } from './verify-assertion.ts'
import { type MadePasskey, verifyRegistration } from './verify-registration.ts'

/** What a person is told: that it came too late or twice, or that it is no good. Why it is not, only the log says. */
export type PasskeyRefused = { readonly kind: 'passkey_late' | 'passkey_wrong' }

export interface ProvenPasskey {
  readonly kind: 'proven'
  readonly account: AccountRecord
  /** RFC 8176: the key of one device or one that is synced, that somebody was there, and that the device knew them. */
  readonly amr: readonly string[]
}

export type Passkeys = ReturnType<typeof createPasskeys>

/** Making and using passkeys; null where there are none. */
export function openPasskeys(options: IdentityOptions, deps: IdentityDeps, payloads: SealedPayloads): Passkeys | null {
  const site = toPasskeySite(options)
  return site === null ? null : createPasskeys(options, deps, payloads, site)
}

function createPasskeys(
  options: IdentityOptions,
  { provide, now, log }: IdentityDeps,
  payloads: SealedPayloads,
  site: NonNullable<ReturnType<typeof toPasskeySite>>,
) {
  const tenant = options.tenant ?? null
  const artefacts = { store: provide(artefactStorePort), lookup: provide(artefactLookupPort) }
  const challenges = createChallenges({ ...artefacts, payloads, now })
  const accounts: AccountLookup = provide(accountLookupPort)
  const [store, lookup] = [provide(passkeyStorePort), provide(passkeyLookupPort)]
  const decoy = { credentialId: 'none', publicKey: createDecoyKey(), transports: [] }

  function refuse(reason: string, kind: PasskeyRefused['kind'] = 'passkey_wrong'): PasskeyRefused {
    log.info('passkey_refused', { reason })
    return { kind }
  }

  async function findUsable(accountId: string): Promise<AccountRecord | null> {
    const account = await accounts.find(accountId)
    return account === null || account.disabledAt !== null || account.tenant !== tenant ? null : account
  }

  return {
    store,
    list: lookup.list,

    /** What a browser is asked for to use a passkey: whichever the person has, or one of those. */
    async askToUse(use: ChallengeUse, known: readonly PasskeyRecord[] = []) {
      return toRequestOptions(site, await challenges.issue(use), known)
    },

    /** What a browser is asked for to make a passkey. */
    async askToMake(
      use: ChallengeUse,
      account: Pick<AccountRecord, 'id' | 'username'>,
      known: readonly PasskeyRecord[],
    ) {
      return toCreationOptions(site, await challenges.issue(use), account, known)
    },

    /**
     * Who used a passkey. As much work whether there is such a passkey or not.
     * @param expected whose it has to be; null: anybody's
     */
    async prove(text: string, use: ChallengeUse, expected: string | null): Promise<ProvenPasskey | PasskeyRefused> {
      const parsed = parseAssertion(text)
      if (parsed === null) return refuse('it is no assertion')
      const { given, challenge } = parsed
      if (!(await challenges.take(challenge, use)))
        return refuse('its challenge is not one of this login, or was used', 'passkey_late')
      const found = await lookup.findByCredential(given.id)
      const passkey = found !== null && (expected === null || found.accountId === expected) ? found : null
      const asserted = await verifyAssertion(given, challenge, passkey ?? decoy, site)
      const account = await findUsable(passkey?.accountId ?? '')
      if (passkey === null) return refuse('there is no such passkey')
      if ('reason' in asserted) return refuse(asserted.reason)
      const handle = given.response.userHandle ?? null
      // Where nobody was named, the passkey says whose it is, and must say it (WebAuthn section 7.2 step 6).
      if (handle === null ? expected === null : handle !== toUserHandle(passkey.accountId))
        return refuse('it was made for another account')
      if (account === null) return refuse('its account is not here, or was disabled')
      if (!(await store.use(passkey.id, asserted.counter, now()))) {
        log.warn('passkey_counter_back', { passkey: passkey.id, account: passkey.accountId, counter: asserted.counter })
        return { kind: 'passkey_wrong' }
      }
      return { kind: 'proven', account, amr: [passkey.synced ? 'swk' : 'hwk', 'user', 'mfa'] }
    },

    /** What a browser made, good to be kept. */
    async accept(text: string, use: ChallengeUse): Promise<MadePasskey | PasskeyRefused> {
      const parsed = parseRegistration(text)
      if (parsed === null) return refuse('it is no new passkey')
      const { given, challenge } = parsed
      if (!(await challenges.take(challenge, use)))
        return refuse('its challenge is not one of this session, or was used', 'passkey_late')
      const made = await verifyRegistration(given, challenge, site)
      return 'reason' in made ? refuse(made.reason) : made
    },
  }
}
