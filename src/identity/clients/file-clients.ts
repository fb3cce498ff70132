import { digestSecret } from '../../crypto/digest.ts'
import type { ClientKeys, ClientRecord, ClientSecret } from '../../stores/ports/client-store.ts'
import { toCertificateRule } from './certificate-rule.ts'
import type { KeysOption } from './key-options.ts'
import type { ClientOptions } from './options.ts'
import { parseClientKeys, parseKeyText } from './parse-keys.ts'

/** Shorter ones could be guessed from what they are compared with, which is a plain digest. */
const minSecretLength = 32

/** The clients of a policy file, as the store would have them. Rejects where a secret is missing or too short. */
export async function readFileClients(
  clients: readonly ClientOptions[],
  read: (reference: string) => Promise<string>,
): Promise<ReadonlyMap<string, ClientRecord>> {
  const records = await Promise.all(clients.map((client) => toRecord(client, read)))
  return new Map(records.map((record) => [record.id, record]))
}

async function toRecord(options: ClientOptions, read: (reference: string) => Promise<string>): Promise<ClientRecord> {
  const { id, name = null, secret = [], keys: given, certificate: shown, ...settings } = options
  const secrets = await Promise.all(secret.map((reference) => toSecret(id, reference, read)))
  const keys = given === undefined ? {} : { keys: await toKeys(id, given, read) }
  const certificate = shown === undefined ? {} : { certificate: await toCertificateRule(shown, read) }
  return { id, settings: { name, ...settings, ...keys, ...certificate }, secrets, createdAt: 0 }
}

async function toKeys(
  id: string,
  given: KeysOption,
  read: (reference: string) => Promise<string>,
): Promise<ClientKeys> {
  if ('url' in given) return given
  if ('jwks' in given) return { jwks: parseClientKeys({ keys: given.jwks }) }
  try {
    return { jwks: parseKeyText(await read(given.reference)) }
  } catch (error) {
    throw new Error(`the keys of client "${id}" (${given.reference}) cannot be used: ${(error as Error).message}`)
  }
}

async function toSecret(
  id: string,
  reference: string,
  read: (reference: string) => Promise<string>,
): Promise<ClientSecret> {
  const secret = await read(reference)
  if (secret.length < minSecretLength) {
    const advice = 'make one with openssl rand -base64 32'
    throw new Error(
      `the secret of client "${id}" (${reference}) has less than ${minSecretLength} characters: ${advice}`,
    )
  }
  return { digest: digestSecret(secret), createdAt: 0, expiresAt: null }
}
