import { definePolicy } from '../../core/policy.ts'
import { createAnswerTypes } from './answer-types.ts'
import { codes } from './codes.ts'
import { compose } from './compose.ts'
import { options } from './options.ts'
import { createProbes, passesJson } from './probes.ts'

export const answerTypes = definePolicy({
  name: 'answer-types',
  summary: 'Lets answers have the types that an API gives, named as browsers must not guess them',
  kind: 'protection',
  options,
  codes,
  compose,
  create: createAnswerTypes,
  shapesAnswers: (options) => !passesJson(options),
  probes: createProbes,
})
