import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Program } from '../harness/program.ts'
import type { Bench, Scenario } from '../harness/scenario.ts'
import { median, toSpread } from '../harness/statistics.ts'
import { fillIdentityStore } from '../load/identity-store.ts'
import { type IdentityAnswers, observeIdentity } from '../peers/identity-clients.ts'
import { type IdentityGateway, makeIdentityFolder, startIdentityGateway } from '../peers/identity-gateway.ts'

const removing = new URL('../peers/programs/remove-expired.ts', import.meta.url).pathname
/** Longer than what has expired is kept, by the hour within which it expired. */
const endedMs = 3 * 3_600_000
const accounts = 1000
/** A grant has a quarter of a refresh token. */
const perGrant = 1.25
const batchesSeconds = 60
const windowsPerRound = 4
const warmUpSeconds = 3
const measured = ['token', 'refresh'] as const
type Measured = (typeof measured)[number]
type Windows = Record<Measured, IdentityAnswers[]>

interface Batches {
  readonly removed: number
  readonly batches: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly longestMs: number
}

/** How long the removal of what has expired holds up others, and what callers notice of it. */
export const identityPruning: Scenario = {
  name: 'identity-pruning',
  title: 'Identity server, while expired artefacts are removed (SQLite)',
  async run(bench) {
    const [master, secret] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64url')]
    const grants = Math.ceil(bench.grants / perGrant)
    const { store } = await makeIdentityFolder(bench, 'removing')
    const filled = await fillIdentityStore({ path: store, master, accounts, grants, endsInMs: -endedMs })
    const living = await makeIdentityFolder(bench, 'idle')
    await fillIdentityStore({ path: living.store, master, accounts, grants })
    const batches = await removeAlone(bench, store)
    bench.say(`${batches.removed} removed in ${batches.batches} batches`)
    const singles = await removeAlone(bench, store, 1)
    bench.say(`${singles.removed} removed one at a time`)
    const during = await observe(bench, 'removing', master, secret)
    const idle = await observe(bench, 'idle', master, secret)
    const failed = [during, idle].flatMap((of) => measured.flatMap((one) => of[one])).map((one) => one.failed)
    return {
      claims: [
        {
          text: `longest that a batch holds up others, while ${filled.artefacts} expired artefacts are removed`,
          must: { amount: '<=', value: 20, unit: 'ms' },
          got: toSpread([batches.longestMs]),
          beside: toTimes(batches),
        },
        {
          text: 'the same, a single one at a time: what the disk asks for the least that can be written',
          must: { report: 'amount', unit: 'ms' },
          got: toSpread([singles.longestMs]),
          beside: toTimes(singles),
        },
        ...measured.map((what) => ({
          text: `longest wait for a ${what} beyond the usual, meanwhile`,
          must: { report: 'amount' as const, unit: 'ms' },
          got: toSpread(toPauses(during[what])),
          beside: `with nothing to remove ${toText(toPauses(idle[what]))} ms`,
        })),
        {
          text: 'artefacts removed',
          must: { report: 'amount', unit: 'per second' },
          got: toSpread([batches.removed / batchesSeconds]),
        },
        {
          text: 'the same: requests that failed',
          must: { amount: '<=', value: 0, unit: 'requests' },
          got: toSpread([failed.reduce((sum, count) => sum + count, 0)]),
        },
      ],
      table: [
        ['phase', 'what', 'p50 ms', 'p99 ms', 'longest ms', 'windows'],
        ...measured.map((what) => toRow('removing', what, during[what])),
        ...measured.map((what) => toRow('idle', what, idle[what])),
      ],
      notes: [
        'A batch is timed by the thread that writes: for so long it does nothing else. It has one core, which the thread that moves the log of SQLite shares.',
        'A wait beyond the usual is the longest of a window without the median of the window. One client asks for one token after the other, so that the gateway has no rest. The idle one holds as many artefacts, none of which has expired.',
      ],
    }
  },
}

/** @param batch how many at once; without it, as the pruner finds fit */
async function removeAlone(bench: Bench, store: string, batch?: number): Promise<Batches> {
  await using program = new Program({
    command: process.execPath,
    args: ['--conditions=source', removing, store, `${batchesSeconds}`, ...(batch === undefined ? [] : [`${batch}`])],
    cores: bench.cores.server,
    log: join(bench.folder, 'remove-expired.log'),
  })
  return await program.until(() => JSON.parse(program.output) as Batches, (batchesSeconds + 30) * 1000)
}

async function observe(bench: Bench, name: string, master: string, secret: string): Promise<Windows> {
  const gateway = await startIdentityGateway(bench, { name, master, secret })
  await using _ = gateway.program
  // V8 compiles meanwhile what runs often: that is not the removal's doing.
  await observeWindows({ ...bench, seconds: warmUpSeconds }, gateway, secret, 1)
  return await observeWindows(bench, gateway, secret, bench.rounds * windowsPerRound)
}

async function observeWindows(bench: Bench, gateway: IdentityGateway, secret: string, count: number): Promise<Windows> {
  const windows: Windows = { token: [], refresh: [] }
  for (let i = 0; i < count; i++) {
    for (const operation of measured) {
      windows[operation].push(await observeIdentity(bench, gateway, { operation, accounts, secret }))
    }
  }
  return windows
}

function toTimes({ batches, p50Ms, p99Ms }: Batches): string {
  return `of ${batches} batches half took ${p50Ms.toFixed(1)} ms, 99 % at most ${p99Ms.toFixed(1)} ms`
}

function toPauses(windows: readonly IdentityAnswers[]): number[] {
  return windows.map(({ longestMs, p50Ms }) => longestMs - p50Ms)
}

function toText(pauses: readonly number[]): string {
  return `${median(pauses).toFixed(1)} (${Math.min(...pauses).toFixed(1)}–${Math.max(...pauses).toFixed(1)})`
}

function toRow(phase: string, what: Measured, windows: readonly IdentityAnswers[]): string[] {
  const of = (key: 'p50Ms' | 'p99Ms' | 'longestMs') => median(windows.map((answers) => answers[key])).toFixed(2)
  return [phase, what, of('p50Ms'), of('p99Ms'), of('longestMs'), `${windows.length}`]
}
