import type { ProbeResult } from './result.ts'

/** Hears of what is tried while it is, for people who wait. */
export interface ProbeListener {
  tries(probe: Pick<ProbeResult, 'route' | 'policy' | 'probe'>): void
  /** A limit that earlier probes have used up is waited for. */
  waits(seconds: number): void
  found(result: ProbeResult): void
}
