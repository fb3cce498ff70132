import { definePolicy } from '../../core/policy.ts'
import { checkOptions } from './check-options.ts'
import { codes } from './codes.ts'
import { compose } from './compose.ts'
import { createObjectRules } from './object-rules.ts'
import { options } from './options.ts'
import { createProbes } from './probes.ts'
import { createWarnings } from './warnings.ts'

export const objectRules = definePolicy({
  name: 'object-rules',
  summary: 'Lets callers reach only the objects that are theirs',
  kind: 'authorization',
  options,
  codes,
  check: checkOptions,
  warnings: createWarnings,
  compose,
  create: createObjectRules,
  // With such a role, the prober is let in; without one, no object of its own is known.
  demands: ({ object: { exempt } }) =>
    exempt === undefined ? { roles: [], scopes: [], more: true } : { roles: exempt.roles.slice(0, 1), scopes: [] },
  admits: ({ object: { rules, exempt } }) =>
    exempt !== undefined || rules.every(({ answer, optional }) => answer !== undefined || optional),
  shapesAnswers: ({ object: { rules } }) => rules.some(({ answer }) => answer !== undefined),
  probes: createProbes,
})
