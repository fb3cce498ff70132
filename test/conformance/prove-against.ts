import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { toConfigKey } from '../../src/core/policy.ts'
import { silentLog } from '../../src/core/telemetry.ts'
import { createPasswordHasher } from '../../src/crypto/passwords/password-hasher.ts'
import { createOutboundClient } from '../../src/outbound/outbound-client.ts'
import { policies } from '../../src/policies/index.ts'
import { openDataFolder } from '../../src/runtime/data-folder.ts'
import { loadPolicies } from '../../src/runtime/load-policies.ts'
import { createProofProvide } from '../../src/runtime/prove/ports.ts'
import { prove } from '../../src/runtime/prove.ts'
import { resolveStoreLocation } from '../../src/runtime/store-location.ts'
import type { ProbeResult } from '../../src/scanner/result.ts'
import { openStore } from '../../src/stores/open-store.ts'
import { createTestKeyRing } from '../support/key-ring.ts'
import type { Deploy, Deployment } from './deployments.ts'
import { masterKey } from './policy-file.ts'

/** Starts what the file says, and proves it against what another file says. */
export async function proveAgainst(
  deploy: Deploy,
  enforced: string,
  expected: string,
  only: readonly string[] | null = null,
): Promise<ProbeResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-conformance-'))
  const write = async (name: string, text: string) => {
    const path = join(folder, name)
    await writeFile(path, text)
    return path
  }
  let deployment: Deployment | null = null
  try {
    const enforcedFile = await write('enforced.yaml', enforced)
    await makeKeyRing(enforcedFile)
    deployment = await deploy(enforcedFile)
    const loaded = await loadPolicies(await write('expected.yaml', expected), { embedded: true })
    if (!loaded.ok) throw new Error(loaded.message)
    const passwords = createPasswordHasher({ threads: 1 })
    const outbound = createOutboundClient()
    const store = await openStore(await resolveStoreLocation(loaded.snapshot))
    try {
      return await prove({
        snapshot: loaded.snapshot,
        https: deployment.https,
        http: null,
        ca: deployment.ca,
        headers: [],
        only,
        provide: createProofProvide(loaded.snapshot, { store, outbound, passwords, log: silentLog }),
        log: silentLog,
      })
    } finally {
      await passwords.close()
      await outbound.close()
      await store.close()
    }
  } finally {
    await deployment?.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** As `portcullis secrets rotate` does before the first start. */
async function makeKeyRing(file: string): Promise<void> {
  const loaded = await loadPolicies(file, { embedded: true })
  if (!loaded.ok) throw new Error(loaded.message)
  await openDataFolder(loaded.snapshot.dataFolder)
  const store = await openStore(await resolveStoreLocation(loaded.snapshot))
  try {
    await createTestKeyRing(store, masterKey)
  } finally {
    await store.close()
  }
}

/** The file without one policy: named in no route and switched off where it is built in. */
export function without(text: string, policy: { name: string; key: string; builtIn: boolean }): string {
  const document = parseDocument(text)
  document.deleteIn(['defaults', policy.key])
  const routes = document.toJS().routes as Record<string, unknown>[]
  routes.forEach((_, at) => {
    document.deleteIn(['routes', at, policy.key])
    if (policy.builtIn)
      document.setIn(['routes', at, 'exempt'], [{ policy: policy.key, reason: 'switched off behind its back' }])
  })
  return String(document)
}

/** The file with every route open to everyone. */
export function withoutAuthentication(text: string): string {
  const document = parseDocument(text)
  const routes = document.toJS().routes as Record<string, unknown>[]
  const asks = policies.filter(({ kind }) => kind === 'credential').map(({ name }) => toConfigKey(name))
  routes.forEach((route, at) => {
    if (route.authenticate === undefined) return
    for (const key of ['authenticate', 'authorize', 'dpop', 'csrf', 'stepUp', ...asks])
      document.deleteIn(['routes', at, key])
    document.setIn(['routes', at, 'access'], 'public')
    document.setIn(['routes', at, 'reason'], 'switched off')
  })
  return String(document)
}

export function failuresOf(results: readonly ProbeResult[]): string[] {
  return results
    .filter(({ verdict }) => verdict === 'fail')
    .map(({ route, policy, probe, got, reason }) => `${route} ${policy}: ${probe}: ${got}: ${reason}`)
}
