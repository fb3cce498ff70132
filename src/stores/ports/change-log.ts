import { definePort } from '../../core/ports.ts'

/** The durable list of urgent changes (revocations above all) that every instance follows. */
export interface ChangeLog {
  /** Opaque text that differs as soon as anything was appended, or the store was replaced by another one. */
  position(): string | Promise<string>
}

/**
 * What caches ask before they answer. What was learned under one epoch may not be used under another; while the log
 * is not readable, nothing cached may be used at all, because a revocation could be missed.
 */
export interface ChangeEpoch {
  current(): number
  /** False once the change log could not be read for ten seconds. */
  readable(): boolean
}

export const changeEpochPort = definePort<ChangeEpoch>('change-epoch')
