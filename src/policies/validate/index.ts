import { definePolicy } from '../../core/policy.ts'
import { documentsBlock, judgeDocuments } from '../../openapi/documents-block.ts'
import { checkOptions } from './check-options.ts'
import { codes } from './codes.ts'
import { compose } from './compose.ts'
import { gatherSchemas } from './gather-schemas.ts'
import { judgeSchemas } from './judge-schemas.ts'
import { options } from './options.ts'
import { createProbes, createSample } from './probes.ts'
import { schemasBlock } from './schemas-block.ts'
import { createValidate } from './validate.ts'
import { createWarnings } from './warnings.ts'

export const validate = definePolicy({
  name: 'validate',
  summary:
    'Lets only requests pass that meet their contract: an OpenAPI document, or JSON Schemas for parameters and bodies',
  kind: 'protection',
  options,
  standardSchema: true,
  blocks: { schemas: schemasBlock },
  judges: { schemas: judgeSchemas, [documentsBlock]: judgeDocuments },
  codes,
  check: checkOptions,
  warnings: createWarnings,
  gather: gatherSchemas,
  compose,
  create: createValidate,
  sample: createSample,
  shapesAnswers: ({ openapi, responses, removeUnexpected }) =>
    openapi !== undefined && (responses === 'enforce' || removeUnexpected),
  probes: createProbes,
})
