import { digestSecret } from '../../crypto/digest.ts'
import type { ClientRecord, ClientSecret, ClientSettings } from '../../stores/ports/client-store.ts'
import type { ClientOptions } from './options.ts'

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
  const { id, secret = [] } = options
  const secrets = await Promise.all(secret.map((reference) => toSecret(id, reference, read)))
  return { id, settings: toClientSettings(options), secrets, createdAt: 0 }
}

/** What a client may do, as the store keeps it. */
export function toClientSettings(options: ClientOptions): ClientSettings {
  const { id: _, secret: __, name = null, resources, ...settings } = options
  return { name, ...settings, ...(resources !== undefined && { resources }) }
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
