import { randomBytes } from 'node:crypto'
import type { ArtefactLookup, ArtefactStore } from '../../stores/ports/artefact-store.ts'
import type { SealedPayloads } from '../artefacts/sealed-payloads.ts'

/** What a challenge was made for: it is good for nothing else. */
export interface ChallengeUse {
  readonly purpose: 'log-in' | 'second-factor' | 'register' | 'sign-up'
  /** The login, the session or the link that it belongs to. */
  readonly within: string
}

export interface Challenges {
  /** 256 random bits, as `base64url`. */
  issue(use: ChallengeUse): Promise<string>
  /** Uses it up: true once, in time, and for what it was made for. */
  take(challenge: string, use: ChallengeUse): Promise<boolean>
}

export interface ChallengesDeps {
  readonly store: ArtefactStore
  readonly lookup: ArtefactLookup
  readonly payloads: SealedPayloads
  readonly now: () => number
}

const kind = 'PasskeyChallenge'
export const challengeMs = 300_000

export function createChallenges({ store, lookup, payloads, now }: ChallengesDeps): Challenges {
  return {
    async issue(use) {
      const challenge = randomBytes(32).toString('base64url')
      const digest = payloads.digest(toText(challenge, use))
      const payload = payloads.seal(kind, digest, { purpose: use.purpose })
      await store.put({
        ...{ kind, digest, payload, grant: null, uid: null, userCode: null },
        expiresAt: now() + challengeMs,
      })
      return challenge
    },
    async take(challenge, use) {
      const digest = payloads.digest(toText(challenge, use))
      const kept = await lookup.find(kind, digest)
      if (kept === null || (kept.expiresAt ?? 0) <= now()) return false
      return (await store.consume(kind, digest, now())) === 'consumed'
    },
  }
}

/** What it is for is a part of what it is found by, so that it is not found for anything else. */
function toText(challenge: string, { purpose, within }: ChallengeUse): string {
  return JSON.stringify([purpose, within, challenge])
}
