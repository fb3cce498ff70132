import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Program, readCpuSeconds } from '../harness/program.ts'
import { rotate } from '../harness/rounds.ts'
import type { Bench, Scenario } from '../harness/scenario.ts'
import { median, pairedRatios, toSpread } from '../harness/statistics.ts'
import { readReadyLine } from '../peers/node-program.ts'

const connections = 16
const secret = randomBytes(32).toString('base64url')
const client = `batch:${secret}`
const sources = new URL('../../src/cli/main.ts', import.meta.url).pathname
const bare = new URL('../peers/programs/bare-oidc-provider.mjs', import.meta.url).pathname
const load = new URL('../load/token-clients.ts', import.meta.url).pathname

interface Server {
  readonly name: string
  readonly program: Program
  readonly path: string
  readonly perSecond: number[]
  readonly micros: number[]
}

/** Tokens of the identity server, beside those of oidc-provider alone. */
export const tokenEndpoint: Scenario = {
  name: 'token-endpoint',
  title: 'Tokens by client credentials, signed with ES256',
  async run(bench) {
    await using open = new AsyncDisposableStack()
    const servers: Server[] = []
    for (const [name, path, start] of [
      ['portcullis', '/identity/token', startGateway],
      ['oidc-provider', '/token', startBare],
    ] as const) {
      const program = open.use(await start(bench))
      servers.push({ name, path, program, perSecond: [], micros: [] })
      await measure(bench, program, path, 2)
    }
    let failed = 0
    for (let round = 0; round < bench.rounds; round++) {
      for (const { name, path, program, perSecond, micros } of rotate(servers, round)) {
        const seen = await measure(bench, program, path, bench.seconds)
        failed += seen.failed
        perSecond.push(seen.perSecond)
        micros.push(seen.micros)
        bench.say(`round ${round + 1}/${bench.rounds} ${name} ${Math.round(seen.perSecond)} tokens/s`)
      }
    }
    const [own, other] = servers as [Server, Server]
    return {
      claims: [
        {
          text: 'token endpoint (client credentials, ES256), vs a bare oidc-provider with its in-memory adapter',
          must: { ratio: '>=', value: 0.9 },
          got: toSpread(pairedRatios(own.perSecond, other.perSecond)),
          beside: `by CPU time ${median(pairedRatios(other.micros, own.micros)).toFixed(2)} ×`,
        },
        {
          text: 'the same: requests that failed',
          must: { amount: '<=', value: 0, unit: 'requests' },
          got: toSpread([failed]),
        },
      ],
      table: [
        ['server', 'tokens/s', 'CPU µs per token'],
        ...servers.map(({ name, perSecond, micros }) => [
          name,
          median(perSecond).toFixed(0),
          median(micros).toFixed(0),
        ]),
      ],
      notes: ['Portcullis runs with its log, its metrics and a limit per address; the peer with nothing around it.'],
    }
  },
}

async function measure(bench: Bench, server: Program, path: string, seconds: number) {
  const { hostname, port } = new URL(readReadyLine(server.output))
  const before = readCpuSeconds(server.pid) ?? Number.NaN
  await using clients = new Program({
    command: process.execPath,
    args: [load, hostname, port, path, `${connections}`, `${seconds}`],
    env: { CLIENT: client },
    cores: bench.cores.load,
    log: join(bench.folder, 'token-clients.log'),
  })
  const seen = await clients.until(
    () => JSON.parse(clients.output) as { tokens: number; failed: number; seconds: number },
    (seconds + 20) * 1000,
  )
  const used = (readCpuSeconds(server.pid) ?? Number.NaN) - before
  return { failed: seen.failed, perSecond: seen.tokens / seen.seconds, micros: (used * 1e6) / seen.tokens }
}

async function startBare(bench: Bench): Promise<Program> {
  const program = new Program({
    command: process.execPath,
    args: [bare],
    env: { CLIENT: client },
    cores: bench.cores.server,
    log: join(bench.folder, 'bare-oidc-provider.log'),
  })
  await program.until(() => readReadyLine(program.output))
  return program
}

async function startGateway(bench: Bench): Promise<Program> {
  const folder = join(bench.folder, 'token-endpoint')
  await mkdir(folder, { recursive: true })
  const config = join(folder, 'portcullis.yaml')
  await writeFile(
    config,
    `version: 1
listen: { http: { host: 127.0.0.1, port: 0, serve: true, reason: measured on loopback } }
server: { workers: 1 }
log: { to: { file: portcullis.log } }
secrets: { master: { key: env:MASTER } }
identity:
  issuer: http://127.0.0.1/identity
  clients: [{ id: batch, secret: env:BATCH, grants: [clientCredentials], scopes: ['orders:read'] }]
defaults: { rateLimit: { limit: 10000000/min, per: ip } }
`,
  )
  const program = new Program({
    command: process.execPath,
    args: ['--conditions=source', sources, 'serve', '--config', config],
    env: { MASTER: randomBytes(32).toString('base64'), BATCH: secret },
    cores: bench.cores.server,
    cwd: folder,
    log: join(folder, 'output.log'),
  })
  await program.until(() => readReadyLine(program.output))
  return program
}
