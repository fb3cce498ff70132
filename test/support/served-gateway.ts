import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { createApiKey } from '../../src/crypto/api-key.ts'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { eventually } from './eventually.ts'

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
  readonly process: ChildProcess
  readMetricsToken(): Promise<string>
  /** Puts an API key into its store, as `portcullis keys create` does, and returns its text. */
  createKey(owner: string): Promise<string>
  stop(signal?: NodeJS.Signals): Promise<void>
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
  const { child, output } = start(folder, policyFile)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const isGone = () => child.exitCode !== null || child.signalCode !== null
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (!isGone()) child.kill(signal)
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  const readUrls = () => [...output().matchAll(/^ready (\S+)$/gm)].map(([, url = '']) => url)
  try {
    await eventually('it is ready', () => isGone() || readUrls().length === listeners, 50_000)
    if (isGone()) throw new Error('it ended at once')
  } catch (error) {
    await stop('SIGKILL')
    throw new Error(`portcullis serve: ${(error as Error).message}: ${output()}`)
  }
  const urls = readUrls()
  return {
    folder,
    policyFile,
    urls,
    adminUrl: urls.at(-1) ?? '',
    output,
    process: child,
    readMetricsToken: async () => (await readFile(join(folder, 'data', 'metrics.token'), 'utf8')).trim(),
    async createKey(owner) {
      const store = await openSqliteStore({ path: join(folder, 'data', 'portcullis.db') })
      const { id, text: key, digest } = createApiKey()
      const nothing = { name: null, tenant: null, roles: [], scopes: [], cidrs: [], expiresAt: null }
      await store.keys.create({ id, digest, owner, createdAt: Date.now(), ...nothing })
      store.close()
      return key
    },
    stop,
  }
}

function start(cwd: string, policyFile: string): { readonly child: ChildProcess; readonly output: () => string } {
  const args = ['--disable-warning=ExperimentalWarning', '--conditions=source', main, 'serve', '--config', policyFile]
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  // A test that fails before it can stop it must not leave it behind.
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  child.once('exit', () => process.off('exit', end))
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      text += chunk
    })
  }
  return { child, output: () => text }
}
