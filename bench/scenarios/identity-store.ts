import { randomBytes } from 'node:crypto'
import type { Claim } from '../harness/claim.ts'
import { rotate } from '../harness/rounds.ts'
import type { Bench, Scenario } from '../harness/scenario.ts'
import { median, pairedRatios, toSpread } from '../harness/statistics.ts'
import { type FilledIdentityStore, fillIdentityStore } from '../load/identity-store.ts'
import { type IdentityAnswers, type Operation, observeIdentity, operations } from '../peers/identity-clients.ts'
import { type IdentityGateway, makeIdentityFolder, startIdentityGateway } from '../peers/identity-gateway.ts'

/** Somebody has to log in there too. */
const fewAccounts = 50
const texts: Record<Operation, string> = {
  token: 'token by client credentials',
  refresh: 'refreshed token',
  login: 'whole login, from the authorization request to the tokens',
}

interface Server {
  readonly gateway: IdentityGateway
  readonly accounts: number
  readonly filled: FilledIdentityStore
  readonly seen: Record<Operation, IdentityAnswers[]>
}

/** Whether the identity server becomes slower with what it holds. */
export const identityStore: Scenario = {
  name: 'identity-store',
  title: 'Identity server, by what its store holds (SQLite)',
  async run(bench) {
    await using open = new AsyncDisposableStack()
    const [master, secret] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64url')]
    const begunAt = performance.now()
    const servers: Server[] = []
    for (const [name, accounts, grants] of [
      ['full', bench.accounts, bench.grants],
      ['empty', fewAccounts, 0],
    ] as const) {
      const { store } = await makeIdentityFolder(bench, name)
      const filled = await fillIdentityStore({ path: store, master, accounts, grants })
      const gateway = await startIdentityGateway(bench, { name, master, secret })
      open.use(gateway.program)
      servers.push({ gateway, accounts, filled, seen: { token: [], refresh: [], login: [] } })
    }
    bench.say(`filled in ${((performance.now() - begunAt) / 1000).toFixed(0)} s`)
    await measure(bench, servers, secret)
    const [full, empty] = servers as [Server, Server]
    const failed = servers.flatMap(({ seen }) => operations.flatMap((one) => seen[one])).map((one) => one.failed)
    return {
      claims: [
        ...operations.map((operation) => toClaim(bench, operation, 'p50', full, empty)),
        // Of logins there are too few in a round.
        ...(['token', 'refresh'] as const).map((operation) => toClaim(bench, operation, 'p99', full, empty)),
        {
          text: 'the same: requests that failed',
          must: { amount: '<=', value: 0, unit: 'requests' },
          got: toSpread([failed.reduce((sum, count) => sum + count, 0)]),
        },
        { text: 'on disk, for an account', must: { report: 'amount', unit: 'bytes' }, got: toSize(full, 'Account') },
        { text: 'on disk, for a grant', must: { report: 'amount', unit: 'bytes' }, got: toSize(full, 'Grant') },
      ],
      table: [
        ['store', 'what', 'p50 ms', 'p99 ms', 'longest ms', 'in a round'],
        ...servers.flatMap((server) => operations.map((operation) => toRow(server, operation))),
      ],
      notes: [
        `The full store holds ${bench.accounts} accounts and ${full.filled.artefacts} artefacts: ${bench.grants} grants, a refresh token for every fourth, a session for each account. The empty one has ${fewAccounts} accounts.`,
        'One client, one request after the other. A login is that of another account each time, in a new browser; its password hash costs the same in both.',
        'A grant is counted with its share of refresh tokens and sessions, indexes included.',
      ],
    }
  },
}

async function measure(bench: Bench, servers: readonly Server[], secret: string): Promise<void> {
  // The first round only warms up.
  for (let round = -1; round < bench.rounds; round++) {
    for (const { gateway, accounts, seen } of rotate(servers, Math.max(0, round))) {
      for (const operation of operations) {
        const seconds = round < 0 ? 2 : bench.seconds
        const answers = await observeIdentity({ ...bench, seconds }, gateway, { operation, accounts, secret })
        if (round >= 0) seen[operation].push(answers)
      }
    }
    if (round >= 0) bench.say(`round ${round + 1}/${bench.rounds}`)
  }
}

function toClaim(bench: Bench, operation: Operation, share: 'p50' | 'p99', full: Server, empty: Server): Claim {
  const times = ({ seen }: Server) => seen[operation].map((answers) => answers[`${share}Ms`])
  return {
    text: `${texts[operation]}, ${share} with ${bench.accounts} accounts and ${bench.grants} grants vs an empty store`,
    must: { ratio: '<=', value: 1.5 },
    got: toSpread(pairedRatios(times(full), times(empty))),
  }
}

const toSize = ({ filled }: Server, what: 'Account' | 'Grant') => toSpread([Math.round(filled[`bytesPer${what}`])])

function toRow({ gateway, seen }: Server, operation: Operation): string[] {
  const of = (name: keyof IdentityAnswers) => median(seen[operation].map((answers) => answers[name]))
  const times = (['p50Ms', 'p99Ms', 'longestMs'] as const).map((name) => of(name).toFixed(2))
  return [gateway.name, operation, ...times, of('count').toFixed(0)]
}
