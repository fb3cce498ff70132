import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { openAdminListener } from '../admin/admin-listener.ts'
import { findTokenProblem } from '../admin/metrics-token.ts'
import type { Snapshot } from '../config/snapshot.ts'
import { isSame } from '../core/stable-json.ts'
import type { PolicyLog } from '../core/telemetry.ts'
import { type CertificatePair, createCertificateSet } from '../gateway/tls.ts'
import { toExposition } from '../observe/exposition.ts'
import type { MetricJson } from '../observe/metrics.ts'
import type { Observer } from '../observe/observer.ts'
import { readAdminCertificates } from './certificates.ts'
import { readOrCreate } from './data-folder.ts'

export const metricsTokenName = 'metrics.token'

/** The admin listener of a running gateway. */
export interface Admin {
  readonly url: string
  /** Those that it shows; none where it serves plain HTTP. */
  readonly certificates: readonly CertificatePair[]
  /**
   * Reads the certificates of another snapshot, and returns what shows them from then on; rejects where they cannot be
   * used. A listener that the snapshot changes in more than that needs a restart and stays as it is.
   */
  prepareCertificates(next: Snapshot): Promise<() => void>
  close(): Promise<void>
}

/** What the listener tells of. */
export interface AdminSources {
  readonly observer: Observer
  readonly readMetrics: () => Promise<readonly (readonly MetricJson[])[]>
  readonly isReady: () => boolean
}

/** Opens it; null where the file has none. The token of its metrics is made at the first start. */
export async function openAdmin(snapshot: Snapshot, dataFolder: string, sources: AdminSources): Promise<Admin | null> {
  const { admin } = snapshot.listen
  if (admin === null) return null
  const { observer, readMetrics, isReady } = sources
  let pairs = await readAdminCertificates(snapshot)
  const listener = await openAdminListener({
    host: admin.host,
    port: admin.port,
    names: admin.names,
    certificates: admin.certificates === null ? null : createCertificateSet(pairs),
    metricsToken: await readMetricsToken(dataFolder, observer.log),
    readMetrics: async () => toExposition(await readMetrics()),
    isReady,
    log: observer.log,
    meter: observer.meter,
  })
  return {
    url: listener.url,
    get certificates() {
      return pairs
    },
    async prepareCertificates(next) {
      if (admin.certificates === null || !isSame(admin, next.listen.admin)) return () => {}
      const renewed = await readAdminCertificates(next)
      const set = createCertificateSet(renewed)
      return () => {
        pairs = renewed
        listener.useCertificates(set)
      }
    },
    close: () => listener.close(),
  }
}

async function readMetricsToken(dataFolder: string, log: PolicyLog): Promise<string> {
  const make = () => `${randomBytes(32).toString('base64url')}\n`
  const token = (await readOrCreate(dataFolder, metricsTokenName, make)).toString().trim()
  const path = join(dataFolder, metricsTokenName)
  const problem = findTokenProblem(token)
  if (problem !== null) throw new Error(`${path} ${problem}; remove it and it is made anew`)
  // Whoever provides a token of his own may have reasons, such as a mounted secret.
  const mode = (await stat(path)).mode & 0o777
  if ((mode & 0o077) !== 0 && process.platform !== 'win32') {
    log.warn('metrics_token_exposed', { file: path, mode: mode.toString(8), advice: 'others can read it: chmod 600' })
  }
  return token
}
