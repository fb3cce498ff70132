import { randomText } from '../../crypto/random-text.ts'
import type { FactorLookup, FactorRecord, FactorStore } from '../../stores/ports/factor-store.ts'
import type { NewMail } from '../../stores/ports/mail-store.ts'
import type { PasskeyLookup, PasskeyStore } from '../../stores/ports/passkey-store.ts'
import type { SealedPayloads } from '../artefacts/sealed-payloads.ts'
import { openFactor, sealFactor } from '../factors/sealed-factors.ts'

/** What is sealed of a passkey. */
export interface MadePasskey {
  /** `base64url`. */
  readonly credentialId: string
  /** A COSE key (RFC 9052 section 7), as `base64url`. */
  readonly publicKey: string
  /** How often it was used, as it counts itself; 0 where it does not count. */
  readonly counter: number
  /** How browsers reach it: `internal`, `hybrid`, `usb`… */
  readonly transports: readonly string[]
  /** Whether it may be on several devices, kept by a password manager. */
  readonly synced: boolean
}

export interface Passkey extends MadePasskey {
  readonly factor: FactorRecord
}

export interface KeptPasskeysDeps {
  readonly factors: FactorLookup
  readonly factorStore: FactorStore
  readonly lookup: PasskeyLookup
  readonly store: PasskeyStore
  readonly payloads: SealedPayloads
}

/** As often as one passkey may be used at the same time, on different devices. */
const maxTries = 3

/** Passkeys as they are kept: sealed for their account, so that who writes into the store makes nobody's his own. */
export function createKeptPasskeys({ factors, factorStore, lookup, store, payloads }: KeptPasskeysDeps) {
  async function open(factor: FactorRecord): Promise<Passkey> {
    return { ...((await openFactor(payloads, factor)) as MadePasskey), factor }
  }

  async function find(credentialId: string): Promise<Passkey | null> {
    const factor = await lookup.findByHandle(payloads.digest(credentialId))
    return factor === null ? null : open(factor)
  }

  return {
    find,

    async list(account: string): Promise<Passkey[]> {
      const all = await factors.list(account)
      return Promise.all(all.filter(({ kind }) => kind === 'passkey').map(open))
    },

    add(account: string, made: MadePasskey, label: string, createdAt: number, mail: NewMail | null) {
      const named = { id: randomText(16), account }
      const passkey = { ...named, kind: 'passkey', data: sealFactor(payloads, named, made), label, createdAt } as const
      return store.add({ ...passkey, handle: payloads.digest(made.credentialId) }, mail)
    },

    rename: store.rename,
    remove: store.remove,

    /** False where its counter did not go up, though it counts: there may be a copy of it (WebAuthn section 7.2 step 22). */
    async use(passkey: Passkey, counter: number, now: number): Promise<boolean> {
      let current: Passkey | null = passkey
      for (let i = 0; i < maxTries && current !== null; i++) {
        const { factor, ...made } = current
        const goesUp = counter > made.counter || (counter === 0 && made.counter === 0)
        if (!goesUp) return false
        const to = sealFactor(payloads, factor, { ...made, counter })
        if (await factorStore.use({ id: factor.id, from: factor.data, to, now })) return true
        // It was used meanwhile.
        current = await find(made.credentialId)
      }
      return false
    },
  }
}
