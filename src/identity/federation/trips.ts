import { digestSecret } from '../../crypto/digest.ts'
import { equalDigests } from '../../crypto/equal-secrets.ts'
import type { ArtefactLookup, ArtefactStore } from '../../stores/ports/artefact-store.ts'
import type { SealedPayloads } from '../artefacts/sealed-payloads.ts'
import type { Freshness } from './upstream.ts'

/** What a trip to another server is for: a login that goes on, or one more way into an account. */
export type Purpose =
  | { readonly kind: 'login'; readonly uid: string }
  | { readonly kind: 'connect'; readonly accountId: string; readonly session: string }

export interface Trip {
  readonly purpose: Purpose
  readonly provider: string
  /** The digest of the cookie of the browser that it began in. */
  readonly browser: string
}

/** Somebody is on their way. */
export interface Departed extends Trip {
  readonly verifier: string
  readonly nonce: string
  readonly fresh: Freshness | null
}

/** They have come back, and that server said who they are. */
export interface Arrived extends Trip {
  readonly issuer: string
  readonly subject: string
  readonly email: string | null
  readonly emailVerified: boolean
  readonly roles: readonly string[]
  /** When they logged in there, epoch milliseconds; null where it does not say. */
  readonly authenticatedAt: number | null
}

/** An identity that its owner wants to connect with an account that they have still to log in to. */
export interface Waiting extends Omit<Arrived, 'purpose' | 'browser' | 'emailVerified' | 'authenticatedAt'> {
  readonly accountId: string
}

export interface Kinds {
  readonly UpstreamDeparted: Departed
  readonly UpstreamArrived: Arrived
  readonly UpstreamWaiting: Waiting
}

export interface TripsDeps {
  readonly store: ArtefactStore
  readonly lookup: ArtefactLookup
  readonly payloads: SealedPayloads
  readonly now: () => number
}

export const tripMs = 600_000

export type Trips = ReturnType<typeof createTrips>

/** Trips to other servers, sealed, each good for one use within ten minutes. */
export function createTrips({ store, lookup, payloads, now }: TripsDeps) {
  return {
    async keep<Kind extends keyof Kinds>(kind: Kind, key: string, trip: Kinds[Kind], accountId: string | null) {
      const digest = payloads.digest(key)
      await store.put({
        ...{ kind, digest, grant: null, uid: null, userCode: null, expiresAt: now() + tripMs },
        payload: payloads.seal(kind, digest, trip),
        // It ends with the password of the account.
        account: accountId === null ? null : digestSecret(accountId),
      })
    },

    /**
     * Uses one up; null where there is none, where it is not for who asks, or where somebody was quicker. Of one that is not
     * for who asks, nothing is used up: its owner goes on with it.
     */
    async take<Kind extends keyof Kinds>(
      kind: Kind,
      key: string | null,
      isFor: (trip: Kinds[Kind]) => boolean,
    ): Promise<Kinds[Kind] | null> {
      if (key === null || key.length > 100) return null
      const digest = payloads.digest(key)
      const artefact = await lookup.find(kind, digest)
      if (artefact === null || artefact.consumedAt !== null || (artefact.expiresAt ?? 0) <= now()) return null
      const trip = (await payloads.open(artefact)) as Kinds[Kind]
      if (!isFor(trip)) return null
      return (await store.consume(kind, digest, now())) === 'consumed' ? trip : null
    },
  }
}

/** Whether a trip began in the browser with this cookie. */
export function isOfBrowser({ browser }: Trip, cookie: string | null): boolean {
  return cookie !== null && equalDigests(browser, digestSecret(cookie))
}
