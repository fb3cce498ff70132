import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** Which cores belong to whom, as `taskset` reads them; null where nothing can be pinned. */
export interface Cores {
  readonly server: string | null
  readonly load: string | null
  /** Both, for what uses all that there is. */
  readonly all: string | null
}

/** The server gets the first core, the load and the upstream up to three others. */
export function chooseCores(): Cores {
  const count = availableParallelism()
  if (count < 2 || spawnSync('taskset', ['--version']).status !== 0) return { server: null, load: null, all: null }
  const load = count === 2 ? '1' : `1-${Math.min(count - 1, 3)}`
  return { server: '0', load, all: `0-${Math.min(count - 1, 3)}` }
}

/** Seconds that each core was busy, from `/proc/stat`; null where there is none. */
export function readBusySeconds(cores: string | null): { busy: number; total: number } | null {
  if (cores === null) return null
  const wanted = toCoreNumbers(cores)
  let busy = 0
  let total = 0
  for (const line of readFileSync('/proc/stat', 'utf8').split('\n')) {
    const match = /^cpu(\d+) (.*)$/.exec(line)
    if (match === null || !wanted.includes(Number(match[1]))) continue
    const ticks = (match[2] as string).split(' ').slice(0, 8).map(Number)
    const all = ticks.reduce((sum, tick) => sum + tick, 0)
    total += all / 100
    busy += (all - (ticks[3] as number) - (ticks[4] as number)) / 100
  }
  return { busy, total }
}

export function toCoreNumbers(cores: string): number[] {
  const [first, last] = cores.split('-').map(Number) as [number, number | undefined]
  return Array.from({ length: (last ?? first) - first + 1 }, (_, i) => first + i)
}
