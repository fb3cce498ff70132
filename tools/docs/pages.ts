import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { JsonSchema } from '../../src/config/json-schema.ts'
import { policies } from '../../src/policies/index.ts'
import { renderCommands } from './command-line-page.ts'
import { renderErrors } from './errors-page.ts'
import { fillIn } from './markers.ts'
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

/** Every page with a generated part, as it is and as it should be. */
export function renderPages(): Page[] {
  return [
    renderPage('docs/policy-file.md', 'reference', renderPolicyFileReference(policies)),
    renderPage('docs/command-line.md', 'commands', renderCommands()),
    renderPage('docs/errors.md', 'errors', renderErrors(policies)),
    ...policies.map(({ name, options }) => {
      const schema = z.toJSONSchema(options, { io: 'input', unrepresentable: 'any' }) as JsonSchema
      return renderPage(`src/policies/${name}/README.md`, 'options', renderOptionsTable(schema, schema))
    }),
  ]
}

function renderPage(path: string, marker: string, text: string): Page {
  const before = readFileSync(join(root, path), 'utf8')
  return { path, before, after: fillIn(before, marker, text) }
}
