import type { Port, Provide } from '../core/ports.ts'
import { type ChangeEpoch, changeEpochPort } from '../stores/ports/change-log.ts'
import {
  type RevocableToken,
  type RevocationLookup,
  type RevokedKind,
  revocationLookupPort,
} from '../stores/ports/revocation-store.ts'

/** A token that was found to be good, and what is known of its revocation. */
export interface Revocable {
  readonly revocable: RevocableToken
  /** The epoch in which it was last looked up among the revocations; `neverChecked` at first. */
  checkedAt: number
  /** By what it was found to be revoked; that never changes again. */
  revoked: RevokedKind | null
}

/** Equals no epoch, not even itself. */
export const neverChecked = Number.NaN

/**
 * Finds out whether tokens are revoked, and asks the store only where something was revoked since it was asked last, or
 * where the change log cannot be read.
 */
export class RevocationCheck {
  readonly #lookup: RevocationLookup | null
  readonly #epoch: ChangeEpoch | null

  constructor(lookup: RevocationLookup | null, epoch: ChangeEpoch | null) {
    this.#lookup = lookup
    this.#epoch = epoch
  }

  /** By what the token was revoked; null where it was not. Throws or rejects when the store cannot say. */
  find(token: Revocable): RevokedKind | null | Promise<RevokedKind | null> {
    if (token.revoked !== null) return token.revoked
    const epoch = this.#epoch
    if (epoch !== null && token.checkedAt === epoch.current() && epoch.readable()) return null
    return this.#lookUp(token)
  }

  #lookUp(token: Revocable): RevokedKind | null | Promise<RevokedKind | null> {
    if (this.#lookup === null) return null
    // Read before the store is: what is revoked meanwhile makes the answer stale, not the other way round.
    const at = this.#epoch === null ? neverChecked : this.#epoch.current()
    const found = this.#lookup.find(token.revocable)
    return found instanceof Promise ? found.then((settled) => note(token, settled, at)) : note(token, found, at)
  }
}

function note(token: Revocable, revoked: RevokedKind | null, at: number): RevokedKind | null {
  token.revoked ??= revoked
  token.checkedAt = at
  return token.revoked
}

/** An application that embeds the pipeline without a store has nothing that could be revoked. */
export function createRevocationCheck(provide: Provide): RevocationCheck {
  return new RevocationCheck(findPort(provide, revocationLookupPort), findPort(provide, changeEpochPort))
}

function findPort<T>(provide: Provide, port: Port<T>): T | null {
  try {
    return provide(port)
  } catch {
    return null
  }
}
