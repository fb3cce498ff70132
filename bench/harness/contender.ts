import type { Program } from './program.ts'
import type { Bench } from './scenario.ts'

/** Something that is measured: a peer, or Portcullis itself. */
export interface Contender {
  readonly name: string
  readonly description: string
  /** It verifies tokens; the harness makes sure that a forged one is refused before it measures. */
  readonly authenticates?: boolean
  /** Starts it on a free port, pinned to the server's core. Throws `Unavailable` where it cannot run here. */
  readonly start: (setting: Setting) => Promise<Running>
}

export interface Setting {
  readonly bench: Bench
  /** The origin of the upstream; handlers that answer by themselves ignore it. */
  readonly upstream: string
}

export interface Running {
  /** The origin that it answers on. */
  readonly origin: string
  readonly program: Program
}

/** The contender cannot run on this machine, or is not built yet. */
export class Unavailable extends Error {}
