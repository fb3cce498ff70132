import { setTimeout as sleep } from 'node:timers/promises'
import type { Running } from './contender.ts'
import { type Honest, observeHonest } from './honest.ts'
import { Program } from './program.ts'
import type { Bench } from './scenario.ts'

const slowClients = new URL('../load/slow-clients.ts', import.meta.url).pathname

/** Buffers on the way take what they can; then each slow client holds what it holds. */
const settleMs = 5_000

export interface Attack {
  readonly kind: 'slow-bodies' | 'slow-readers'
  readonly count: number
}

/** What honest clients saw of an attack. */
export interface AttackView {
  /** While its connections come and every buffer on the way fills. */
  readonly arriving: Honest
  /** While they are held. */
  readonly held: Honest
  /** Attacking connections at the end. */
  readonly holding: number
}

/** Attacks, lets honest clients ask meanwhile, and ends the attack. */
export async function observeAttack(bench: Bench, running: Running, { kind, count }: Attack): Promise<AttackView> {
  const { hostname, port } = new URL(running.origin)
  await using attack = new Program({
    command: process.execPath,
    args: [slowClients, kind, hostname, port, String(count)],
    env: { TOKEN: bench.tokens.sample },
    cores: bench.cores.load,
    log: `${bench.folder}/${kind}.log`,
  })
  await attack.until(() => {
    if (readHolding(attack.output) < count * 0.9) throw new Error('the attack is not complete yet')
  })
  const arriving = await observeHonest(bench, running.origin)
  await sleep(settleMs)
  const held = await observeHonest(bench, running.origin)
  return { arriving, held, holding: readHolding(attack.output) }
}

function readHolding(output: string): number {
  return Number(/held (\d+)/.exec(output.trim().split('\n').at(-1) ?? '')?.[1] ?? 0)
}
