import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe } from 'node:test'
import { fakePolicies } from '../../../test/support/fake-policies.ts'
import { testGoldenFiles } from '../../../test/support/golden.ts'
import { compileSnapshot } from '../../config/compile-snapshot.ts'
import { formatErrors } from '../../config/config-error.ts'
import type { AnyPolicy } from '../../core/policy.ts'
import { policies } from '../../policies/index.ts'
import { diffSnapshots, formatChanges } from './diff-snapshots.ts'

function testDifferences(folder: string, known: readonly AnyPolicy[]): void {
  const compile = (text: string) => {
    const result = compileSnapshot(text, { policies: known })
    assert.ok(result.ok, result.ok ? '' : formatErrors(result.errors))
    return result.snapshot
  }
  testGoldenFiles(join(import.meta.dirname, '../golden', folder), 2, ([before = '', after = '']) =>
    formatChanges(diffSnapshots(compile(before), compile(after), known)),
  )
}

describe('the difference of two files', () => testDifferences('diff', fakePolicies))

describe('the difference of blocks', () => testDifferences('diff-blocks', policies))
