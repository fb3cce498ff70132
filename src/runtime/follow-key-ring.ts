import type { PolicyLog } from '../core/telemetry.ts'
import type { MasterKey } from '../crypto/master/master-key.ts'
import { unwrapRingKey } from '../crypto/master/open-key-ring.ts'
import { createKeyRing, type KeyRing } from '../crypto/ring/key-ring.ts'
import type { LiveKeyRing } from '../crypto/ring/live-key-ring.ts'
import type { ChangeEpoch } from '../stores/ports/change-log.ts'
import type { KeyRingLookup, StoredRingKey } from '../stores/ports/key-ring-store.ts'

export interface FollowedRing {
  readonly store: KeyRingLookup
  readonly masters: readonly MasterKey[]
  readonly epoch: Pick<ChangeEpoch, 'current'>
  readonly log: PolicyLog
  /** Milliseconds that only ever rise. */
  readonly now: () => number
}

/** How soon the store is asked again about a key that it did not have, or after it could not be read. */
const pauseMs = 1000

/**
 * Opens the ring and follows it: each key is unwrapped once, and the store is asked again when the change log has moved
 * or a ciphertext names a key that is not known. What cannot be read anew leaves the ring as it is.
 */
export async function followKeyRing({ store, masters, epoch, log, now }: FollowedRing): Promise<LiveKeyRing> {
  const secrets = new Map<string, Uint8Array>()
  let seen = epoch.current()
  let ring = await read()
  let pausedUntil = 0
  let reloading: Promise<void> | null = null

  async function read(): Promise<KeyRing> {
    const keys = await store.list()
    if (keys.length === 0) throw new Error('there is no key ring yet: portcullis secrets rotate makes it')
    return createKeyRing(await Promise.all(keys.map(toRingKey)))
  }

  async function toRingKey(key: StoredRingKey) {
    const known = secrets.get(key.id)
    if (known !== undefined) return { id: key.id, role: key.role, secret: known }
    const opened = await unwrapRingKey(key, masters)
    secrets.set(key.id, opened.secret)
    return opened
  }

  async function reload(): Promise<void> {
    const before = ring.activeId
    const moved = epoch.current()
    try {
      ring = await read()
      seen = moved
      if (ring.activeId !== before) log.info('key_ring_rotated', { key: ring.activeId })
    } catch (error) {
      pausedUntil = now() + pauseMs
      log.error('key_ring_not_read', { error, serving: before })
    }
  }

  function startReload(): Promise<void> {
    reloading ??= reload().finally(() => {
      reloading = null
    })
    return reloading
  }

  return {
    current() {
      if (epoch.current() !== seen && now() >= pausedUntil) void startReload()
      return ring
    },
    withKey(id) {
      if (ring.ids.includes(id) || now() < pausedUntil) return ring
      return startReload().then(() => {
        // Whoever can write ciphertexts must not make every answer ask the store.
        if (!ring.ids.includes(id)) pausedUntil = now() + pauseMs
        return ring
      })
    },
  }
}
