import { loadPolicyFile } from '../config/load-policy-file.ts'
import type { Snapshot } from '../config/snapshot.ts'
import { printErrors } from './print-failure.ts'

interface LoadOptions {
  readonly embedded?: boolean
  readonly json?: true | undefined
}

/** Loads a policy file for a command; prints every error and sets the exit code where it cannot. */
export async function loadSnapshot(file: string, options: LoadOptions): Promise<Snapshot | null> {
  const snapshots = await loadSnapshots([file], options)
  return snapshots?.[0] ?? null
}

/** Loads several; prints the errors of all of them together. */
export async function loadSnapshots(files: readonly string[], options: LoadOptions): Promise<Snapshot[] | null> {
  const { embedded = false, json } = options
  const results = await Promise.all(files.map((file) => loadPolicyFile(file, { embedded })))
  const errors = results.flatMap((result) => (result.ok ? [] : result.errors))
  if (errors.length === 0) return results.flatMap((result) => (result.ok ? [result.snapshot] : []))
  printErrors(errors, json)
  process.exitCode = 2
  return null
}
