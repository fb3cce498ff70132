import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe } from 'node:test'
import { fakePolicies } from '../../../test/support/fake-policies.ts'
import { testGoldenFiles } from '../../../test/support/golden.ts'
import { compileSnapshot } from '../../config/compile-snapshot.ts'
import { formatErrors } from '../../config/config-error.ts'
import { diffSnapshots, formatChanges } from './diff-snapshots.ts'

function compile(text: string) {
  const result = compileSnapshot(text, { policies: fakePolicies })
  assert.ok(result.ok, result.ok ? '' : formatErrors(result.errors))
  return result.snapshot
}

describe('the difference of two files', () => {
  testGoldenFiles(join(import.meta.dirname, '../golden/diff'), 2, ([before = '', after = '']) =>
    formatChanges(diffSnapshots(compile(before), compile(after), fakePolicies)),
  )
})
