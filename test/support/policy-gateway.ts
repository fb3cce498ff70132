import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileSnapshot } from '../../src/config/compile-snapshot.ts'
import { formatErrors } from '../../src/config/config-error.ts'
import type { Snapshot } from '../../src/config/snapshot.ts'
import type { Port } from '../../src/core/ports.ts'
import { policies } from '../../src/policies/index.ts'
import { allocateRateMemory } from '../../src/stores/counters/rate-memory.ts'
import { createSharedRateTable } from '../../src/stores/counters/shared-rate-table.ts'
import { dataFolderPort } from '../../src/stores/ports/data-folder.ts'
import { localRateTable, rateTable } from '../../src/stores/ports/rate-table.ts'
import type { IssuedCertificate } from './certificate-authority.ts'
import { startTestGateway, type TestGateway } from './gateway.ts'

/**
 * A gateway in this thread that enforces the text of a policy file with every policy there is.
 * @param ports what policies are handed beside counters in memory and a data folder
 */
export async function startPolicyGateway(
  text: string,
  certificate: IssuedCertificate,
  ports: readonly (readonly [Port<unknown>, unknown])[] = [],
): Promise<TestGateway> {
  return startSnapshotGateway(compilePolicyFile(text), [certificate], ports)
}

/** The same for a snapshot. */
export async function startSnapshotGateway(
  snapshot: Snapshot,
  certificates: readonly IssuedCertificate[] = [],
  ports: readonly (readonly [Port<unknown>, unknown])[] = [],
): Promise<TestGateway> {
  const counters = createSharedRateTable(allocateRateMemory(1000))
  const path = mkdtempSync(join(tmpdir(), 'portcullis-policy-gateway-'))
  const gateway = await startTestGateway(snapshot, {
    policies,
    certificates: certificates.map((one) => ({ ...one, source: 'test' })),
    ports: [[rateTable, counters], [localRateTable, counters], [dataFolderPort, { path }], ...ports],
  })
  return {
    ...gateway,
    async stop() {
      await gateway.stop()
      rmSync(path, { recursive: true })
    },
  }
}

/** The snapshot of a policy file's text, which must have no errors. */
export function compilePolicyFile(text: string): Snapshot {
  const compiled = compileSnapshot(text)
  if (!compiled.ok) throw new Error(formatErrors(compiled.errors))
  return compiled.snapshot
}
