import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import type { Bench, Scenario } from '../harness/scenario.ts'
import { median, toSpread } from '../harness/statistics.ts'
import { fillIdentityStore } from '../load/identity-store.ts'
import { type IdentityAnswers, observeIdentity } from '../peers/identity-clients.ts'
import { type IdentityGateway, makeIdentityFolder, startIdentityGateway } from '../peers/identity-gateway.ts'

const name = 'expired'
/** Longer than what has expired is kept, by the hour within which it expired. */
const endedMs = 3 * 3_600_000
const accounts = 1000
/** A grant has a quarter of a refresh token. */
const perGrant = 1.25
const maxPruningMs = 180_000
const warmUpSeconds = 3
const measured = ['token', 'refresh'] as const
type Measured = (typeof measured)[number]
type Windows = Record<Measured, IdentityAnswers[]>

/** What callers notice while everything that has expired is removed. */
export const identityPruning: Scenario = {
  name: 'identity-pruning',
  title: 'Identity server, while expired artefacts are removed (SQLite)',
  async run(bench) {
    const [master, secret] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64url')]
    const { store } = await makeIdentityFolder(bench, name)
    const grants = Math.ceil(bench.grants / perGrant)
    const filled = await fillIdentityStore({ path: store, master, accounts, grants, endsInMs: -endedMs })
    using expired = watch(store)
    const begunAt = performance.now()
    const gateway = await startIdentityGateway(bench, { name, master, secret })
    await using _ = gateway.program
    // V8 compiles meanwhile what runs often: that is not the removal's doing.
    await observe({ ...bench, seconds: warmUpSeconds }, gateway, secret, () => false)
    const pruning = await observe(bench, gateway, secret, () => {
      return expired.count() > 0 && performance.now() - begunAt < maxPruningMs
    })
    const tookSeconds = (performance.now() - begunAt) / 1000
    const left = expired.count()
    bench.say(`${filled.artefacts - left} removed in ${tookSeconds.toFixed(0)} s`)
    let round = 1
    const idle = await observe(bench, gateway, secret, () => round++ < bench.rounds)
    const failed = [pruning, idle].flatMap((of) => measured.flatMap((one) => of[one])).map((one) => one.failed)
    return {
      claims: [
        {
          text: `longest wait for a token beyond the usual, while ${filled.artefacts} expired artefacts are removed`,
          must: { amount: '<=', value: 20, unit: 'ms' },
          got: toLongest(pruning.token),
          beside: toBeside(pruning.token, idle.token),
        },
        {
          text: 'longest wait for what is written (a refreshed token) beyond the usual, meanwhile',
          must: { amount: '<=', value: 20, unit: 'ms' },
          got: toLongest(pruning.refresh),
          beside: toBeside(pruning.refresh, idle.refresh),
        },
        {
          text: 'artefacts removed',
          must: { report: 'amount', unit: 'per second' },
          got: toSpread([(filled.artefacts - left) / tookSeconds]),
        },
        {
          text: 'the same: requests that failed',
          must: { amount: '<=', value: 0, unit: 'requests' },
          got: toSpread([failed.reduce((sum, count) => sum + count, 0)]),
        },
      ],
      table: [
        ['phase', 'what', 'p50 ms', 'p99 ms', 'longest ms', 'windows'],
        ...measured.map((what) => toRow('removing', what, pruning[what])),
        ...measured.map((what) => toRow('idle', what, idle[what])),
      ],
      notes: [
        `${left} of ${filled.artefacts} were left after ${tookSeconds.toFixed(0)} s. One client asks for one token after the other, so that the gateway has no rest.`,
        'A wait beyond the usual is the longest of a window without the median of the window. The gateway has one core, which the thread that removes shares.',
      ],
    }
  },
}

/** Windows in turn, as long as there is reason to. */
async function observe(bench: Bench, gateway: IdentityGateway, secret: string, goOn: () => boolean): Promise<Windows> {
  const windows: Windows = { token: [], refresh: [] }
  while (windows.token.length === 0 || goOn()) {
    for (const operation of measured) {
      windows[operation].push(await observeIdentity(bench, gateway, { operation, accounts, secret }))
    }
  }
  return windows
}

function watch(path: string): Disposable & { count(): number } {
  const database = new DatabaseSync(path, { readOnly: true })
  const until = Date.now() - endedMs / 2
  const query = database.prepare('select count(*) as count from artefacts where expires_at < ?')
  return {
    count: () => Number(query.get(until)?.count),
    [Symbol.dispose]: () => database.close(),
  }
}

function toPauses(windows: readonly IdentityAnswers[]): number[] {
  return windows.map(({ longestMs, p50Ms }) => longestMs - p50Ms)
}

const toLongest = (windows: readonly IdentityAnswers[]) => toSpread([Math.max(...toPauses(windows))])

/** The longest of a window in the middle, and how long it is when there is nothing to remove. */
function toBeside(pruning: readonly IdentityAnswers[], idle: readonly IdentityAnswers[]): string {
  const [during, after] = [toPauses(pruning), toPauses(idle)]
  return `in a window in the middle ${median(during).toFixed(1)} ms; with nothing to remove ${Math.max(...after).toFixed(1)} ms at most, ${median(after).toFixed(1)} ms in the middle`
}

function toRow(phase: string, what: Measured, windows: readonly IdentityAnswers[]): string[] {
  const of = (key: 'p50Ms' | 'p99Ms' | 'longestMs') => median(windows.map((answers) => answers[key])).toFixed(2)
  return [phase, what, of('p50Ms'), of('p99Ms'), of('longestMs'), `${windows.length}`]
}
