import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Contender, type Running, type Setting, Unavailable } from '../harness/contender.ts'
import { Program } from '../harness/program.ts'
import { audience, issuer } from '../load/tokens.ts'
import { allowedOrigin } from './answer-headers.ts'
import { limitPerMinute } from './limit.ts'
import { readReadyLine } from './node-program.ts'

const main = new URL('../../src/cli/main.ts', import.meta.url).pathname

export interface GatewayOptions {
  readonly name: string
  readonly workers: number
  readonly cores: string | null
  /** The program to run instead of the sources: the built one. */
  readonly main?: string
  /** Started in this folder, with what an earlier start left there. */
  readonly folder?: string
}

export interface RunningGateway extends Running {
  readonly configFile: string
}

/** The gateway as people run it: `portcullis serve`. */
export const portcullis: Contender = {
  name: 'portcullis',
  description: 'gateway, one worker: JWT RS256, limit per principal, CORS, security headers, log, metrics',
  authenticates: true,
  start: (setting) => startGateway(setting, { name: 'portcullis', workers: 1, cores: setting.bench.cores.server }),
}

export async function startGateway(setting: Setting, options: GatewayOptions): Promise<RunningGateway> {
  const file = options.main ?? main
  if (!existsSync(file)) throw new Unavailable(`${file.slice(file.lastIndexOf('/src/') + 1)} is not there yet`)
  const folder = options.folder ?? join(setting.bench.folder, options.name)
  await mkdir(folder, { recursive: true })
  const configFile = join(folder, 'portcullis.yaml')
  await writeFile(configFile, toPolicyFile(setting, options.workers, limitPerMinute))
  const program = new Program({
    command: process.execPath,
    args: ['--conditions=source', file, 'serve', '--config', configFile],
    cores: options.cores,
    cwd: folder,
    log: join(folder, 'portcullis.log'),
  })
  const origin = await program.until(() => readReadyLine(program.output))
  return { origin: origin.replace(/\/$/, ''), program, configFile }
}

export function toPolicyFile({ bench, upstream }: Setting, workers: number, limit: number): string {
  return `version: 1
listen:
  http: { host: 127.0.0.1, port: 0, serve: true, reason: measured on loopback }
server: { workers: ${workers} }
data: sqlite:data/portcullis.db
counters: memory
upstreams:
  shop: { targets: ["${upstream}"] }
issuers:
  main: { issuer: "${issuer}", audience: ${audience}, keys: "file:${bench.tokens.keySetFile}" }
defaults:
  securityHeaders: strict
  cors: { origins: ["${allowedOrigin}"] }
routes:
  - path: /orders/{id}
    methods: [GET]
    upstream: shop
    authenticate: [jwt]
    rateLimit: { limit: ${limit}/min, per: principal }
  - path: /orders
    methods: [POST]
    upstream: shop
    authenticate: [jwt]
  - path: /exports/{id}
    methods: [GET]
    upstream: shop
    authenticate: [jwt]
`
}
