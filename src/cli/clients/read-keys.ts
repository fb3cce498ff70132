import { readFile } from 'node:fs/promises'
import { parseKeyText } from '../../identity/clients/parse-keys.ts'
import type { ClientKeys } from '../../stores/ports/client-store.ts'
import { WrongUseError } from '../keys/key-session.ts'

/** What `--keys` names: an address, as it is, or the public keys that a file holds. */
export async function readKeys(given: string): Promise<ClientKeys> {
  if (/^https?:/.test(given)) return { url: given }
  try {
    return { jwks: parseKeyText(await readFile(given, 'utf8')) }
  } catch (error) {
    throw new WrongUseError(`The keys in ${given} cannot be used: ${(error as Error).message}.`)
  }
}
