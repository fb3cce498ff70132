import type { TokenFiles } from '../load/tokens.ts'
import type { Claim } from './claim.ts'
import type { Cores } from './cores.ts'
import type { Sample } from './sample.ts'

/** What a scenario is given. */
export interface Bench {
  readonly rounds: number
  /** Length of one measurement. */
  readonly seconds: number
  /** How much the store of the identity server holds where it is full. */
  readonly accounts: number
  readonly grants: number
  readonly cores: Cores
  /** A temporary folder of the scenario's own. */
  readonly folder: string
  readonly tokens: TokenFiles
  readonly say: (text: string) => void
}

/** One file under `scenarios/`. */
export interface Scenario {
  /** What `--only` takes. */
  readonly name: string
  readonly title: string
  readonly run: (bench: Bench) => Promise<Result>
}

export interface Result {
  readonly claims: readonly Claim[]
  /** Throughput runs: every sample of every contender. */
  readonly contenders?: readonly Measured[]
  /** Other figures, as a table with a header row. */
  readonly table?: readonly (readonly string[])[]
  readonly notes: readonly string[]
}

export interface Measured {
  readonly name: string
  readonly description: string
  /** One per round, in order. */
  readonly samples: readonly Sample[]
  /** The names of the fields of its answer, sorted: whether contenders do the same work can be read from them. */
  readonly fields: readonly string[]
  /** Why it could not run. */
  readonly unavailable?: string
}
