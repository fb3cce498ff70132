import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { JsonSchema } from '../../src/config/json-schema.ts'
import type { AnyPolicy } from '../../src/core/policy.ts'
import { policies } from '../../src/policies/index.ts'
import { renderCommands } from './command-line-page.ts'
import { renderErrors } from './errors-page.ts'
import { readInstruments } from './instruments.ts'
import { fillIn } from './markers.ts'
import { renderMetrics } from './metrics-page.ts'
import { renderOptionsTable } from './options-table.ts'
import { renderPolicyFileReference } from './policy-file-reference.ts'

const root = join(import.meta.dirname, '../..')

/** A page of which a part is made from the code. */
export interface Page {
  /** From the root of the project. */
  readonly path: string
  readonly before: string
  readonly after: string
}

/** Every page with a generated part, as it is and as it should be. A gateway is run for it, to see what it counts. */
export async function renderPages(): Promise<Page[]> {
  return [
    renderPage('docs/policy-file.md', { reference: renderPolicyFileReference(policies) }),
    renderPage('docs/command-line.md', { commands: renderCommands() }),
    renderPage('docs/errors.md', { errors: renderErrors(policies) }),
    renderPage('docs/metrics.md', { metrics: renderMetrics(await readInstruments()) }),
    ...policies.map(renderPolicyPage),
  ]
}

/** The options of a policy, and those of each block at the top of the file that only it reads. */
function renderPolicyPage({ name, options, blocks = {} }: AnyPolicy): Page {
  const tables = Object.entries({ options, ...blocks }).map(([marker, schema]) => {
    const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema
    const entry = typeof json.additionalProperties === 'object' ? json.additionalProperties : json
    return [marker, renderOptionsTable(entry, json)]
  })
  return renderPage(`src/policies/${name}/README.md`, Object.fromEntries(tables))
}

function renderPage(path: string, parts: Readonly<Record<string, string>>): Page {
  const before = readFileSync(join(root, path), 'utf8')
  const after = Object.entries(parts).reduce((page, [marker, text]) => fillIn(page, marker, text), before)
  return { path, before, after }
}
