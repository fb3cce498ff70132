import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe } from 'node:test'
import { parse } from 'yaml'
import { testGoldenFiles } from '../../../test/support/golden.ts'
import { compileSnapshot } from '../../config/compile-snapshot.ts'
import { formatErrors } from '../../config/config-error.ts'
import { createOpenApiDraft } from './openapi-draft.ts'
import { renderDraft } from './render-draft.ts'

describe('the file that is made from an OpenAPI document', () => {
  testGoldenFiles(join(import.meta.dirname, '../golden/init'), 1, ([document = '']) => {
    const draft = createOpenApiDraft(parse(document), 'http://127.0.0.1:3000')
    const text = renderDraft(draft)
    const compiled = compileSnapshot(text)
    assert.ok(compiled.ok, compiled.ok ? '' : formatErrors(compiled.errors))
    // What every such file begins with is tested with the command.
    const own = text.slice(text.search(/^# (Whose tokens|Every route)/m))
    return [...draft.warnings.map((warning) => `warning: ${warning}`), own].join('\n')
  })
})
