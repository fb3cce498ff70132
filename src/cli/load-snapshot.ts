import { formatErrors } from '../config/config-error.ts'
import { loadPolicyFile } from '../config/load-policy-file.ts'
import type { Snapshot } from '../config/snapshot.ts'

interface LoadOptions {
  readonly embedded?: boolean
  readonly json?: true | undefined
}

/** Loads a policy file for a command; prints every error and sets the exit code where it cannot. */
export async function loadSnapshot(file: string, { embedded = false, json }: LoadOptions): Promise<Snapshot | null> {
  const result = await loadPolicyFile(file, { embedded })
  if (result.ok) return result.snapshot
  if (json) console.log(JSON.stringify({ errors: result.errors }, null, 2))
  else console.error(formatErrors(result.errors))
  process.exitCode = 2
  return null
}
