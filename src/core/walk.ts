import type { ProbeWalk, SendOnWalk } from './probe.ts'

/** A walk that cannot go on. */
export class WalkStopped extends Error {}

/** A walk as it is written: it answers what is wrong, in words, or null; and rejects with a `WalkStopped`. */
export interface WrittenWalk extends Omit<ProbeWalk, 'walk'> {
  walk(send: SendOnWalk): Promise<string | null>
}

/** The same as the prober takes it. */
export function toProbeWalk({ walk, ...rest }: WrittenWalk): ProbeWalk {
  return {
    ...rest,
    async walk(send) {
      try {
        const reason = await walk(send)
        return reason === null ? { kind: 'right' } : { kind: 'wrong', reason }
      } catch (error) {
        if (error instanceof WalkStopped) return { kind: 'stopped', reason: error.message }
        throw error
      }
    },
  }
}
