import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ClientCertificateOptions, Snapshot } from '../config/snapshot.ts'
import { type AuthoritySource, createAuthorities, type PemText } from '../crypto/x509/authorities.ts'
import type { ClientCertificates } from '../gateway/tls.ts'

/**
 * Reads whom client certificates of the HTTPS listener may come from; null where nobody is asked for one. Rejects in the
 * operator's words where a file cannot be used, or a revocation list has expired.
 */
export async function readClientAuthorities(
  { listen, baseFolder }: Snapshot,
  now: number,
): Promise<AuthoritySource | null> {
  const asked = listen.https?.clientCertificates
  if (asked === undefined) return null
  const read = async (path: string): Promise<PemText> => {
    const source = resolve(baseFolder, path)
    try {
      return { text: await readFile(source, 'utf8'), source }
    } catch (error) {
      throw new Error(`${source} cannot be read: ${(error as Error).message}`)
    }
  }
  const source = { ca: await read(asked.ca), crl: await Promise.all(asked.crl.map(read)) }
  for (const list of createAuthorities(source).lists) {
    if (list.nextUpdate > now) continue
    const ended = new Date(list.nextUpdate).toISOString()
    throw new Error(`${list.source}: this revocation list has expired (${ended}): put the next one in its place`)
  }
  return source
}

/** The files whose change calls for a reload. */
export function clientAuthorityFiles({ listen, baseFolder }: Snapshot): string[] {
  const asked = listen.https?.clientCertificates
  return asked === undefined ? [] : [asked.ca, ...asked.crl].map((path) => resolve(baseFolder, path))
}

/** A list may have expired since it was read: then nobody is trusted, but a thread can start. */
export function openClientCertificates(
  source: AuthoritySource,
  mode: ClientCertificateOptions['mode'],
): ClientCertificates {
  const authorities = createAuthorities(source)
  return {
    ca: source.ca.text,
    crl: source.crl.map(({ text }) => text),
    mode,
    judge: (raw, chain, now) => authorities.judge(raw, chain, now),
  }
}
