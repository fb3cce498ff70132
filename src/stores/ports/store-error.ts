/**
 * Why a store did not do what it was asked.
 * - `locked`: another process holds it longer than we wait; trying again may help.
 * - `full`: the disk, or the database's own limit.
 * - `missing`: the file or server is not there.
 * - `readonly`: it may not be written by this user.
 * - `unusable`: corrupt, not one of our databases, or written by a newer version.
 * - `conflict`: what should be added exists already.
 * - `unreachable`: the server, or the thread that may write, does not answer; it is tried anew with the next call.
 * - `timeout`: it took longer than we wait. What was to be written may have been, or may be later.
 * - `overloaded`: too many calls wait already; this one was not begun.
 */
export type StoreFailure =
  | 'locked'
  | 'full'
  | 'missing'
  | 'readonly'
  | 'unusable'
  | 'conflict'
  | 'unreachable'
  | 'timeout'
  | 'overloaded'

/** A store's fault. The message says what happened and what to do; it never holds stored values. */
export class StoreError extends Error {
  readonly failure: StoreFailure

  constructor(failure: StoreFailure, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
    this.failure = failure
  }
}
