import { definePolicy } from '../../core/policy.ts'
import { composeLogBodies } from './compose.ts'
import { createLogBodies } from './log-bodies.ts'
import { logBodiesOptions } from './options.ts'
import { createLogBodiesProbes } from './probes.ts'
import { warnOfLogBodies } from './warnings.ts'

export const logBodies = definePolicy({
  name: 'log-bodies',
  summary: 'Writes bodies into the log, secrets hidden, on the routes that ask for it',
  kind: 'protection',
  options: logBodiesOptions,
  codes: {},
  weakens: true,
  compose: composeLogBodies,
  warnings: warnOfLogBodies,
  create: createLogBodies,
  probes: createLogBodiesProbes,
})
