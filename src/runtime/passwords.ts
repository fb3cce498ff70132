import type { Snapshot } from '../config/snapshot.ts'
import type { Meter } from '../core/telemetry.ts'
import { keyTextAdvice, parseKeyText } from '../crypto/key-text.ts'
import { defaultPasswordOptions, type PasswordOptions, toHashParameters } from '../crypto/passwords/options.ts'
import { createPasswordHasher, type OwnPasswordHasher } from '../crypto/passwords/password-hasher.ts'
import type { Pepper } from '../crypto/passwords/pepper.ts'
import { readSecret } from './secrets.ts'

/** Opens the hasher that all threads of a process share; rejects where a pepper cannot be read. */
export async function openPasswordHasher(snapshot: Snapshot, meter: Meter): Promise<OwnPasswordHasher> {
  const { peppers, maxWaiting, ...block } =
    (snapshot.blocks.passwords as PasswordOptions | undefined) ?? defaultPasswordOptions
  const hasher = createPasswordHasher({
    parameters: toHashParameters(block),
    peppers: await Promise.all(peppers.map((pepper) => readPepper(pepper, snapshot.baseFolder))),
    maxWaiting,
  })
  meter.gauge('portcullis_passwords_waiting', 'Passwords that wait for a thread', () => hasher.waiting)
  meter.gauge('portcullis_passwords_running', 'Passwords that are being hashed', () => hasher.running)
  return hasher
}

async function readPepper({ id, key }: PasswordOptions['peppers'][number], baseFolder: string): Promise<Pepper> {
  const bytes = parseKeyText(await readSecret(key, baseFolder))
  if (bytes === null) throw new Error(`${key} is not a pepper: ${keyTextAdvice}`)
  return { id, key: bytes }
}
