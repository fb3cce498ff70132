import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findFreePort } from '../harness/free-port.ts'
import { Program } from '../harness/program.ts'
import type { Bench } from '../harness/scenario.ts'
import { readReadyLine } from './node-program.ts'

const sources = new URL('../../src/cli/main.ts', import.meta.url).pathname

export interface IdentityGatewayOptions {
  readonly name: string
  /** Base64. */
  readonly master: string
  /** Of the client `batch`. */
  readonly secret: string
}

export interface IdentityGateway {
  readonly name: string
  readonly program: Program
  readonly origin: string
}

/** Where its store is; what is there before it starts, it takes up. */
export async function makeIdentityFolder(bench: Bench, name: string): Promise<{ folder: string; store: string }> {
  const folder = join(bench.folder, name)
  await mkdir(join(folder, 'data'), { recursive: true })
  return { folder, store: join(folder, 'data', 'portcullis.db') }
}

/** The identity server as people run it, with a client for machines (`batch`) and one for people (`cli`). */
export async function startIdentityGateway(
  bench: Bench,
  { name, master, secret }: IdentityGatewayOptions,
): Promise<IdentityGateway> {
  const { folder } = await makeIdentityFolder(bench, name)
  const config = join(folder, 'portcullis.yaml')
  const port = await findFreePort()
  await writeFile(
    config,
    `version: 1
listen: { http: { host: 127.0.0.1, port: ${port}, serve: true, reason: measured on loopback } }
server: { workers: 1 }
data: sqlite:data/portcullis.db
log: { to: { file: portcullis.log } }
secrets: { master: { key: env:MASTER } }
identity:
  issuer: http://127.0.0.1:${port}/identity
  clients:
    - { id: batch, secret: env:BATCH, grants: [clientCredentials], scopes: ['orders:read'] }
    - { id: cli, scopes: ['orders:read'], redirectUris: ['http://127.0.0.1/callback'], consent: given }
defaults: { rateLimit: { limit: 10000000/min, per: ip } }
`,
  )
  const program = new Program({
    command: process.execPath,
    args: ['--conditions=source', sources, 'serve', '--config', config],
    env: { MASTER: master, BATCH: secret },
    cores: bench.cores.server,
    cwd: folder,
    log: join(folder, 'output.log'),
  })
  const origin = await program.until(() => readReadyLine(program.output))
  return { name, program, origin }
}
