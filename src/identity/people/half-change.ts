import type { Exchange } from '../../core/exchange.ts'
import { digestSecret } from '../../crypto/digest.ts'
import { type AccountRecord, accountLookupPort } from '../../stores/ports/account-store.ts'
import { artefactLookupPort, artefactStorePort } from '../../stores/ports/artefact-store.ts'
import type { SealedPayloads } from '../artefacts/sealed-payloads.ts'
import { createBrowserCookie } from '../browser-cookie.ts'
import type { IdentityDeps } from '../deps.ts'
import type { IdentityOptions } from '../options.ts'

/** Somebody who gave the old password and chose a new one, and has still to prove the second factor. */
export interface HalfChange {
  readonly account: AccountRecord
  /** Of the new password. */
  readonly hash: string
  readonly digest: string
}

interface Kept {
  readonly accountId: string
  readonly hash: string
  readonly passwordChangedAt: number | null
}

const kind = 'HalfPasswordChange'
const lifetimeMs = 600_000

/** Changes of passwords that wait for the second factor: each for the browser that it began in, and used once. */
export function createHalfChanges(options: IdentityOptions, { provide, now }: IdentityDeps, payloads: SealedPayloads) {
  const accounts = provide(accountLookupPort)
  const store = provide(artefactStorePort)
  const lookup = provide(artefactLookupPort)
  const cookie = createBrowserCookie(options, 'password', lifetimeMs / 1000)

  return {
    /** Takes the browser's cookie back. */
    end: ['set-cookie', cookie.end] as const,

    /** @returns the field that hands the browser its cookie */
    async keep({ id, passwordChangedAt }: AccountRecord, hash: string): Promise<readonly [string, string]> {
      const secret = cookie.create()
      const digest = payloads.digest(secret)
      const kept: Kept = { accountId: id, hash, passwordChangedAt }
      await store.put({
        ...{ kind, digest, grant: null, uid: null, userCode: null, expiresAt: now() + lifetimeMs },
        payload: payloads.seal(kind, digest, kept),
        // It ends with the old password.
        account: digestSecret(id),
      })
      return ['set-cookie', cookie.toField(secret)]
    },

    /** That of this browser; null where there is none that still holds. */
    async find(exchange: Exchange): Promise<HalfChange | null> {
      const secret = cookie.read(exchange)
      const artefact = secret === null ? null : await lookup.find(kind, payloads.digest(secret))
      if (artefact === null || artefact.consumedAt !== null || (artefact.expiresAt ?? 0) <= now()) return null
      const { accountId, hash, passwordChangedAt } = (await payloads.open(artefact)) as Kept
      const account = await accounts.find(accountId)
      if (account === null || account.disabledAt !== null || account.passwordChangedAt !== passwordChangedAt)
        return null
      return { account, hash, digest: artefact.digest }
    },

    /** Whether this was the first use. */
    use: async ({ digest }: HalfChange): Promise<boolean> => (await store.consume(kind, digest, now())) === 'consumed',
  }
}
