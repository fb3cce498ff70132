import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe } from 'node:test'
import { fakePolicies } from '../../test/support/fake-policies.ts'
import { testGoldenFiles, toReadableJson } from '../../test/support/golden.ts'
import { isSame } from '../core/stable-json.ts'
import { type CompileResult, compileSnapshot } from './compile-snapshot.ts'
import { formatErrors } from './config-error.ts'

const folder = join(import.meta.dirname, 'golden')

/** What is the same in most files is not repeated in what is expected of them. */
const plainFile = `version: 1
listen: { http: { serve: true, reason: a test } }
upstreams: { shop: { targets: [http://127.0.0.1:3000] } }
`

/** A first line `# embedded` compiles for use in an application. */
function compile(text: string): CompileResult {
  return compileSnapshot(text, { policies: fakePolicies, embedded: text.startsWith('# embedded\n') })
}

function compileGood(text: string) {
  const result = compile(text)
  assert.ok(result.ok, result.ok ? '' : formatErrors(result.errors))
  return result.snapshot
}

describe('a wrong policy file', () => {
  testGoldenFiles(join(folder, 'errors'), 1, ([text = '']) => {
    const result = compile(text)
    assert.ok(!result.ok, 'the file must be refused')
    return formatErrors(result.errors)
  })
})

describe('a right policy file', () => {
  const plain = compileGood(plainFile)
  testGoldenFiles(join(folder, 'snapshot'), 1, ([text = '']) => {
    const snapshot = compileGood(text)
    const told = Object.entries(snapshot).filter(
      ([key, value]) => key !== 'revision' && !isSame(value, plain[key as keyof typeof plain]),
    )
    return toReadableJson(Object.fromEntries(told)).replaceAll(snapshot.baseFolder, '<base>')
  })
})
