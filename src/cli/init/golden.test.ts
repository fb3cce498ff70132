import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe } from 'node:test'
import { parse } from 'yaml'
import { testGoldenFiles } from '../../../test/support/golden.ts'
import { compileSnapshot } from '../../config/compile-snapshot.ts'
import { formatErrors } from '../../config/config-error.ts'
import { createOpenApiDraft } from './openapi-draft.ts'
import { settleDraft } from './settle-draft.ts'

describe('the file that is made from an OpenAPI document', () => {
  testGoldenFiles(join(import.meta.dirname, '../golden/init'), 1, ([document = '']) => {
    const { text } = settleDraft(createOpenApiDraft(parse(document), 'http://127.0.0.1:3000'), 'portcullis.yaml')
    const compiled = compileSnapshot(text)
    assert.ok(compiled.ok, compiled.ok ? '' : formatErrors(compiled.errors))
    // What every such file begins with is tested with the command.
    return text.slice(text.search(/^# (Whose tokens|Every route)/m))
  })
})
