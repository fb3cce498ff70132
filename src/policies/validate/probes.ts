import type { Probe, ProbeTarget } from '../../core/probe.ts'
import type { ValidateOptions } from './options.ts'

export function createProbes(_options: ValidateOptions, _target: ProbeTarget): readonly Probe[] {
  return []
}
