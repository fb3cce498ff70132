import { join, resolve } from 'node:path'
import type { HttpsListener, Snapshot } from '../config/snapshot.ts'
import { type CertificatePair, readCertificatePair } from '../gateway/tls.ts'
import { readOrRenew } from './data-folder.ts'

const devCertificateName = 'dev-certificate.pem'

type Certificates = HttpsListener['certificates']

/** Reads what the HTTPS listener offers; `dev` makes a certificate once and keeps it in the data folder. */
export async function readCertificates(snapshot: Snapshot): Promise<CertificatePair[]> {
  const { https } = snapshot.listen
  return https === null ? [] : readAll(https.certificates, snapshot)
}

/** The same for the admin listener; none where it serves plain HTTP. */
export async function readAdminCertificates(snapshot: Snapshot): Promise<CertificatePair[]> {
  const certificates = snapshot.listen.admin?.certificates ?? null
  return certificates === null ? [] : readAll(certificates, snapshot)
}

/** The files whose change calls for a reload. */
export function certificateFiles({ listen, baseFolder }: Snapshot): string[] {
  const all = [listen.https?.certificates, listen.admin?.certificates]
  const files = all.flatMap((certificates) => (certificates === 'dev' ? [] : (certificates ?? [])))
  return [...new Set(files.flatMap(({ cert, key }) => [resolve(baseFolder, cert), resolve(baseFolder, key)]))]
}

async function readAll(certificates: Certificates, { baseFolder, dataFolder }: Snapshot): Promise<CertificatePair[]> {
  if (certificates === 'dev') return [await readDevCertificate(dataFolder)]
  return Promise.all(
    certificates.map(({ cert, key }) => readCertificatePair(resolve(baseFolder, cert), resolve(baseFolder, key))),
  )
}

async function readDevCertificate(dataFolder: string): Promise<CertificatePair> {
  // Loaded only here: an X.509 library is a lot to read for a gateway that has its own certificate.
  const { createDevCertificate, isStillGood } = await import('../gateway/dev-certificate.ts')
  const now = new Date()
  const pem = await readOrRenew(
    dataFolder,
    devCertificateName,
    (content) => isStillGood(content.toString(), now),
    () => createDevCertificate(now),
  )
  return { cert: pem.toString(), key: pem.toString(), source: join(dataFolder, devCertificateName) }
}
