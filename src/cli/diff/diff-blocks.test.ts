import assert from 'node:assert/strict'
import { test } from 'node:test'
import { otherBlocks } from '../../config/schema/other-blocks.ts'
import { collectBlocks } from '../../config/schema/policy-file.ts'
import { policies } from '../../policies/index.ts'
import { collectJudges } from './diff-blocks.ts'

test('what a change means is known of every block that policies and others read', () => {
  const judges = collectJudges(policies)
  for (const name of Object.keys(collectBlocks(policies, otherBlocks))) {
    assert.ok(
      judges.has(name),
      `nobody judges changes of the block "${name}": its folder needs a judge beside its schema`,
    )
  }
})
