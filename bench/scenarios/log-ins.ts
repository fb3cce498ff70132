import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createPasswordHasher } from '../../src/crypto/passwords/password-hasher.ts'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { Program } from '../harness/program.ts'
import type { Bench, Scenario } from '../harness/scenario.ts'
import { pairedRatios, toSpread } from '../harness/statistics.ts'
import { path } from '../load/answer.ts'
import { audience, issuer } from '../load/tokens.ts'
import { readReadyLine } from '../peers/node-program.ts'
import { startUpstream } from '../peers/upstream.ts'

const accounts = 50
const password = 'a sentence of several words'
const loginPath = '/logins'
/** Beyond what the first measurement asked: a measurement that runs out of tokens would end early. */
const reserve = 1.5
/** More than one core can do. */
const maxPerSecond = 4000
const sources = new URL('../../src/cli/main.ts', import.meta.url).pathname
const load = (name: string) => new URL(`../load/${name}.ts`, import.meta.url).pathname

interface Seen {
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly lost: number
  readonly used: number
}

/** What callers with new tokens notice of fifty people who log in at the same time, again and again. */
export const logIns: Scenario = {
  name: 'log-ins',
  title: `Tokens that are new, while ${accounts} log in with Argon2id`,
  async run(bench) {
    const upstream = await startUpstream(bench)
    await using _ = upstream.program
    await using gateway = await startGateway(bench, upstream.origin)
    const origin = await gateway.until(() => readReadyLine(gateway.output))

    const trial = await bench.tokens.mintFresh(maxPerSecond * 2 * bench.seconds)
    // Warms up, and finds out what half a load is.
    await observe(bench, origin, 0, trial.range(0, 1).file, 0)
    const most = await observe(bench, origin, 0, trial.range(0, 1).file, Math.ceil(trial.count / 2))
    const rate = Math.max(20, Math.floor(most.requestsPerSecond / 2))
    const perRound = Math.ceil(rate * bench.seconds * reserve)
    const fresh = await bench.tokens.mintFresh(perRound * 2 * bench.rounds)
    const { file } = fresh.range(0, 1)

    const idle: Seen[] = []
    const busy: Seen[] = []
    const passed: number[] = []
    for (let round = 0; round < bench.rounds; round++) {
      idle.push(await observe(bench, origin, rate, file, 2 * round * perRound))
      const flood = await startLogIns(bench, origin)
      busy.push(await observe(bench, origin, rate, file, (2 * round + 1) * perRound))
      passed.push(await flood.stop())
      bench.say(`round ${round + 1}/${bench.rounds}`)
    }
    const p99 = ({ p99Ms }: Seen) => p99Ms
    const lost = [...idle, ...busy].reduce((sum, seen) => sum + seen.lost, 0)
    return {
      claims: [
        {
          text: `${accounts} concurrent Argon2id logins: p99 of uncached-JWT traffic at half load vs idle`,
          must: { ratio: '<=', value: 3 },
          got: toSpread(pairedRatios(busy.map(p99), idle.map(p99))),
        },
        {
          text: 'the same: requests with tokens lost',
          must: { amount: '<=', value: 0, unit: 'requests' },
          got: toSpread([lost]),
        },
        {
          text: 'logins meanwhile',
          must: { report: 'amount', unit: 'per second' },
          got: toSpread(passed.map((count) => count / bench.seconds)),
        },
      ],
      table: [
        ['phase', 'p50 ms', 'p99 ms', 'req/s', 'lost'],
        ...idle.map((seen) => toRow('idle', seen)),
        ...busy.map((seen) => toRow('logging in', seen)),
      ],
      notes: [
        `${rate} requests a second, half of what 16 connections got; each token is new, and waits count from when a request was due.`,
        'The gateway has one core, which its hashing thread shares.',
      ],
    }
  },
}

async function startGateway(bench: Bench, upstream: string): Promise<Program> {
  const folder = join(bench.folder, 'log-ins')
  await mkdir(join(folder, 'data'), { recursive: true })
  await createAccounts(join(folder, 'data', 'portcullis.db'))
  const config = join(folder, 'portcullis.yaml')
  await writeFile(
    config,
    `version: 1
listen:
  http: { host: 127.0.0.1, port: 0, serve: true, reason: measured on loopback }
server: { workers: 1 }
trustProxies: [127.0.0.0/8]
data: sqlite:data/portcullis.db
log: { to: { file: portcullis.log } }
upstreams:
  shop: { targets: ["${upstream}"] }
issuers:
  main: { issuer: "${issuer}", audience: ${audience}, keys: "file:${bench.tokens.keySetFile}" }
routes:
  - { path: "/orders/{id}", methods: [GET], authenticate: [jwt], upstream: shop }
  - { path: ${loginPath}, methods: [GET], authenticate: [basic], upstream: shop, basic: { cacheLifetime: 0s } }
`,
  )
  return new Program({
    command: process.execPath,
    args: ['--conditions=source', sources, 'serve', '--config', config],
    cores: bench.cores.server,
    cwd: folder,
    log: join(folder, 'output.log'),
  })
}

/** One password for all: what costs is looking at it. */
async function createAccounts(file: string): Promise<void> {
  const hasher = createPasswordHasher({ threads: 1 })
  const passwordHash = await hasher.hash(password)
  await hasher.close()
  const store = await openSqliteStore({ path: file })
  const nothing = { tenant: null, passwordHash, roles: [], scopes: [], attributes: {}, createdAt: Date.now() }
  for (let i = 0; i < accounts; i++) await store.accounts.create({ ...nothing, id: `user-${i}`, username: `user-${i}` })
  store.close()
}

async function observe(bench: Bench, origin: string, rate: number, file: string, first: number): Promise<Seen> {
  const { hostname, port } = new URL(origin)
  await using clients = new Program({
    command: process.execPath,
    args: [load('paced-clients'), hostname, port, path, `${rate}`, `${bench.seconds}`, file, `${first}`],
    cores: bench.cores.load,
    log: join(bench.folder, 'paced-clients.log'),
  })
  return await clients.until(() => JSON.parse(clients.output) as Seen, (bench.seconds + 20) * 1000)
}

async function startLogIns(bench: Bench, origin: string): Promise<{ stop(): Promise<number> }> {
  const { hostname, port } = new URL(origin)
  const clients = new Program({
    command: process.execPath,
    args: [load('log-ins'), hostname, port, loginPath, `${accounts}`],
    env: { PASSWORD: password },
    cores: bench.cores.load,
    log: join(bench.folder, 'log-ins.log'),
  })
  await clients.until(() => {
    if (!clients.output.startsWith('ready')) throw new Error('it is not ready')
  })
  return {
    async stop() {
      clients.signal('SIGTERM')
      const counts = await clients.until(() => JSON.parse(clients.output.split('\n')[1] as string))
      await clients[Symbol.asyncDispose]()
      return (counts as { passed: number }).passed
    },
  }
}

function toRow(phase: string, { p50Ms, p99Ms, requestsPerSecond, lost }: Seen): string[] {
  return [phase, p50Ms.toFixed(1), p99Ms.toFixed(1), requestsPerSecond.toFixed(0), `${lost}`]
}
