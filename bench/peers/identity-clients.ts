import { join } from 'node:path'
import { Program } from '../harness/program.ts'
import type { Bench } from '../harness/scenario.ts'
import { password } from '../load/identity-store.ts'
import type { IdentityGateway } from './identity-gateway.ts'

/** What one does there. */
export const operations = ['token', 'refresh', 'login'] as const
export type Operation = (typeof operations)[number]

export interface IdentityAnswers {
  readonly count: number
  readonly failed: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly longestMs: number
}

const load = new URL('../load/identity-clients.ts', import.meta.url).pathname

/** One client that does the same again and again, for so long. */
export async function observeIdentity(
  bench: Bench,
  { origin }: IdentityGateway,
  what: { readonly operation: Operation; readonly accounts: number; readonly secret: string },
): Promise<IdentityAnswers> {
  const { operation, accounts, secret } = what
  await using clients = new Program({
    command: process.execPath,
    args: [load, origin, operation, `${bench.seconds}`, `${accounts}`],
    env: { CLIENT: `batch:${secret}`, PASSWORD: password },
    cores: bench.cores.load,
    log: join(bench.folder, 'identity-clients.log'),
  })
  const seen = await clients.until(() => JSON.parse(clients.output) as IdentityAnswers, (bench.seconds + 20) * 1000)
  if (seen.count === 0) throw new Error(`${operation}: all of ${seen.failed} failed`)
  return seen
}
