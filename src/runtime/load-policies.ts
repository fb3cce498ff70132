import { compileWithFiles } from '../config/compile-with-files.ts'
import { formatErrors } from '../config/config-error.ts'
import { loadPolicyFile } from '../config/load-policy-file.ts'
import type { Loaded } from './system.ts'

/** Reads a policy file, or the object that `defineConfig()` made, to a snapshot or to words for the operator. */
export async function loadPolicies(config: string | object, options: { embedded?: boolean } = {}): Promise<Loaded> {
  const result =
    typeof config === 'string' ? await loadPolicyFile(config, options) : await compileWithFiles(config, options)
  return result.ok ? result : { ok: false, message: formatErrors(result.errors) }
}
