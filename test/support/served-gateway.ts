import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { createApiKey } from '../../src/crypto/api-key.ts'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { eventually } from './eventually.ts'
import { type RunningProgram, startProgram } from './program.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** `portcullis serve`, as people run it: a process of its own in a folder of its own. */
export interface ServedGateway {
  readonly folder: string
  readonly policyFile: string
  /** What it printed after `ready `, in order: the listeners of the API, then the admin listener. */
  readonly urls: readonly string[]
  /** The last of them. */
  readonly adminUrl: string
  readonly output: () => string
  signal(signal: NodeJS.Signals): void
  readMetricsToken(): Promise<string>
  /** Puts an API key into its store, as `portcullis keys create` does, and returns its text. */
  createKey(owner: string, roles?: readonly string[]): Promise<string>
  /**
   * Cuts it off, as the loss of power does, and starts it again on the same folder; its ports must be chosen ones.
   * @param meanwhile what happens while it is down
   */
  killAndRestart(meanwhile?: () => Promise<unknown>): Promise<void>
  stop(): Promise<void>
}

/** @param toFile the policy file, told the folder that it will stand in */
export async function serveGateway(
  toFile: string | ((folder: string) => string | Promise<string>),
): Promise<ServedGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'served-gateway-'))
  const policyFile = join(folder, 'portcullis.yaml')
  const text = typeof toFile === 'string' ? toFile : await toFile(folder)
  await writeFile(policyFile, text)
  const listeners = Object.keys((parse(text) as { listen: object }).listen).length
  const args = ['--disable-warning=ExperimentalWarning', '--conditions=source', main, 'serve', '--config', policyFile]
  const readUrls = (output: string) => [...output.matchAll(/^ready (\S+)$/gm)].map(([, url = '']) => url)
  async function start(): Promise<RunningProgram> {
    const program = startProgram(process.execPath, args, folder)
    const { output, hasEnded } = program
    try {
      await eventually('it is ready', () => hasEnded() || readUrls(output()).length === listeners, 50_000)
      if (hasEnded()) throw new Error('it ended at once')
      return program
    } catch (error) {
      await program.stop()
      throw new Error(`portcullis serve: ${(error as Error).message}: ${output()}`)
    }
  }
  const remove = () => rm(folder, { recursive: true, force: true })
  let program: RunningProgram
  try {
    program = await start()
  } catch (error) {
    await remove()
    throw error
  }
  const urls = readUrls(program.output())
  return {
    folder,
    policyFile,
    urls,
    adminUrl: urls.at(-1) ?? '',
    output: () => program.output(),
    signal: (signal) => program.signal(signal),
    readMetricsToken: async () => (await readFile(join(folder, 'data', 'metrics.token'), 'utf8')).trim(),
    async createKey(owner, roles = []) {
      const store = await openSqliteStore({ path: join(folder, 'data', 'portcullis.db') })
      const { id, text: key, digest } = createApiKey()
      const nothing = { name: null, tenant: null, roles: [...roles], scopes: [], cidrs: [], expiresAt: null }
      await store.keys.create({ id, digest, owner, createdAt: Date.now(), ...nothing })
      store.close()
      return key
    },
    async killAndRestart(meanwhile) {
      program.signal('SIGKILL')
      await eventually('it is gone', program.hasEnded)
      await meanwhile?.()
      program = await start()
    },
    async stop() {
      await program.stop()
      await remove()
    },
  }
}
