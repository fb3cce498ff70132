import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Snapshot } from '../../config/snapshot.ts'
import type { Finding } from './finding.ts'

const dayMs = 86_400_000
const soonDays = 14

interface Pair {
  readonly cert: string
  readonly key: string
}

/** Looks whether certificates can be read, hold today, and belong to their keys. */
export async function checkCertificates(snapshot: Snapshot, now: number): Promise<Finding[]> {
  const { https, admin } = snapshot.listen
  const served = [https?.certificates, admin?.certificates]
  const pairs: Pair[] = served.flatMap((files) => (files === 'dev' ? [] : (files ?? [])))
  const authorities: string[] = []
  for (const { tls } of Object.values(snapshot.upstreams)) {
    if (tls?.cert && tls.key) pairs.push({ cert: tls.cert, key: tls.key })
    if (tls?.ca) authorities.push(tls.ca)
  }
  const findings = await Promise.all([
    ...pairs.map((pair) => checkPair(pair, snapshot.baseFolder, now)),
    ...authorities.map((file) => checkCertificate(file, snapshot.baseFolder, now)),
  ])
  return findings.flat()
}

async function checkPair({ cert, key }: Pair, folder: string, now: number): Promise<Finding[]> {
  const certificate = await readCertificate(cert, folder)
  const keyText = await readText(key, folder)
  const unread = [certificate, keyText].filter((read) => 'severity' in read)
  if ('severity' in certificate || 'severity' in keyText) return unread as Finding[]
  return [...judgeDates(cert, certificate.value, now), ...judgeKey(cert, certificate.value, key, keyText.value)]
}

async function checkCertificate(file: string, folder: string, now: number): Promise<Finding[]> {
  const certificate = await readCertificate(file, folder)
  return 'severity' in certificate ? [certificate] : judgeDates(file, certificate.value, now)
}

async function readText(file: string, folder: string): Promise<{ value: string } | Finding> {
  try {
    return { value: await readFile(resolve(folder, file), 'utf8') }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return { severity: 'warning', text: `file:${file}: ${code}, the file cannot be read here` }
  }
}

async function readCertificate(file: string, folder: string): Promise<{ value: X509Certificate } | Finding> {
  const text = await readText(file, folder)
  if ('severity' in text) return text
  try {
    return { value: new X509Certificate(text.value) }
  } catch {
    return { severity: 'error', text: `file:${file}: this is no certificate (PEM)` }
  }
}

function judgeDates(file: string, certificate: X509Certificate, now: number): Finding[] {
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]
  if (now < from) return [{ severity: 'error', text: `file:${file}: the certificate holds from ${toDay(from)} only` }]
  if (now > to) return [{ severity: 'error', text: `file:${file}: the certificate ended on ${toDay(to)}` }]
  if (to - now > soonDays * dayMs) return []
  return [{ severity: 'warning', text: `file:${file}: the certificate ends on ${toDay(to)}` }]
}

function judgeKey(file: string, certificate: X509Certificate, keyFile: string, keyText: string): Finding[] {
  try {
    if (certificate.checkPrivateKey(createPrivateKey(keyText))) return []
    return [{ severity: 'error', text: `file:${keyFile}: the key does not belong to file:${file}` }]
  } catch {
    return [{ severity: 'error', text: `file:${keyFile}: this is no private key without a passphrase (PEM)` }]
  }
}

function toDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
