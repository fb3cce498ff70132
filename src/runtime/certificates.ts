import { join, resolve } from 'node:path'
import type { Snapshot } from '../config/snapshot.ts'
import { type CertificatePair, readCertificatePair } from '../gateway/tls.ts'
import { readOrRenew } from './data-folder.ts'

const devCertificateName = 'dev-certificate.pem'

/** Reads what the HTTPS listener offers; `dev` makes a certificate once and keeps it in the data folder. */
export async function readCertificates(snapshot: Snapshot): Promise<CertificatePair[]> {
  const { https } = snapshot.listen
  if (https === null) return []
  if (https.certificates === 'dev') return [await readDevCertificate(snapshot.dataFolder)]
  return Promise.all(
    https.certificates.map(({ cert, key }) =>
      readCertificatePair(resolve(snapshot.baseFolder, cert), resolve(snapshot.baseFolder, key)),
    ),
  )
}

/** The files whose change calls for a reload. */
export function certificateFiles(snapshot: Snapshot): string[] {
  const { https } = snapshot.listen
  if (https === null || https.certificates === 'dev') return []
  return https.certificates.flatMap(({ cert, key }) => [
    resolve(snapshot.baseFolder, cert),
    resolve(snapshot.baseFolder, key),
  ])
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
