import type { CheckContext } from '../../core/policy.ts'
import type { EncryptFieldsOptions } from './options.ts'

/** Without a master key there is no key ring, and what an application answers is not held back to be decrypted. */
export function checkOptions({ answers }: EncryptFieldsOptions, { route, block }: CheckContext): readonly string[] {
  const problems: string[] = []
  if (block('secrets') === undefined) {
    problems.push('it needs a master key: write the block `secrets`, and run `portcullis secrets rotate` once')
  }
  if (answers && route.upstream === null) {
    problems.push(
      'without an `upstream`, what an application answers is not held back: write `answers: false`, and decrypt there with `portcullis/crypto`',
    )
  }
  return problems
}
