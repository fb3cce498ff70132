import type { CheckContext } from '../../core/policy.ts'
import type { EncryptFieldsOptions } from './options.ts'

/** Without a master key there is no key ring. */
export function checkOptions(_options: EncryptFieldsOptions, { block }: CheckContext): readonly string[] {
  if (block('secrets') !== undefined) return []
  return ['it needs a master key: write the block `secrets`, and run `portcullis secrets rotate` once']
}
