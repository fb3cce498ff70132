import { definePort } from '../../core/ports.ts'
import type { SecretsOptions } from '../master/options.ts'
import type { KeyRing } from './key-ring.ts'

/** A thread's key ring, which follows rotations by other processes. */
export interface LiveKeyRing {
  /** The ring as this thread knows it; where the store has changed, the next calls get another one. */
  current(): KeyRing
  /** A ring that has the key, where there is one: asks the store about a key that is not known, within bounds. */
  withKey(id: string): KeyRing | Promise<KeyRing>
}

/** Opens key rings for policies. */
export interface KeyRings {
  /**
   * @param secrets the policy file's block
   * @param read resolves a reference such as `env:NAME`
   * @param make makes the ring where there is none yet, as `portcullis secrets rotate` does
   * @throws where a master key or the store cannot be used, or there is no ring
   */
  open(
    secrets: SecretsOptions,
    read: (reference: string) => Promise<string>,
    make?: 'where-there-is-none',
  ): Promise<LiveKeyRing>
}

export const keyRingsPort = definePort<KeyRings>('key-rings')
