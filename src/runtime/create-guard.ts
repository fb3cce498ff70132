import type { PolicyFile } from '../config/define-config.ts'
import type { Snapshot } from '../config/snapshot.ts'
import { FileWatch } from './file-watch.ts'
import { type Guard, openGuard } from './guard.ts'
import { loadPolicies } from './load-policies.ts'
import { policyFiles } from './policy-files.ts'

export interface GuardOptions {
  /** A policy file's path, or what `defineConfig()` returns. Default `portcullis.yaml`. */
  readonly config?: string | PolicyFile
  /** Follow changes of the policy file; a bad file changes nothing. Default true for paths. */
  readonly watch?: boolean
}

/** Opens a guard for an application; rejects with every error of the policy file in its message. */
export async function createGuard(options: GuardOptions = {}): Promise<Guard> {
  const config = options.config ?? 'portcullis.yaml'
  const load = () => loadPolicies(config, { embedded: true })
  const first = await load()
  if (!first.ok) throw new Error(first.message)
  const guard = await openGuard(first.snapshot)
  if (typeof config !== 'string' || options.watch === false) return guard
  const watch = new FileWatch(() => {
    load()
      .then(async (loaded) => {
        if (!loaded.ok) throw new Error(loaded.message)
        await guard.use(loaded.snapshot)
        await watch.watch(filesOf(config, loaded.snapshot))
      })
      .catch((error: Error) => process.emitWarning(`the policy file was not taken over: ${error.message}`))
  })
  await watch.watch(filesOf(config, first.snapshot))
  return {
    ...guard,
    async close() {
      watch.stop()
      await guard.close()
    },
  }
}

function filesOf(config: string, snapshot: Snapshot): string[] {
  return [config, ...policyFiles(snapshot), ...(snapshot.gathered ?? [])]
}
