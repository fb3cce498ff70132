import type { CheckContext } from '../../core/policy.ts'
import type { MaskOptions } from './options.ts'

export function checkOptions({ values, fields }: MaskOptions, { block }: CheckContext): readonly string[] {
  const hashes = [...Object.values(values), ...Object.values(fields)].includes('hash')
  return hashes && block('secrets') === undefined
    ? ['`hash` needs a key: write the block `secrets`, and run `portcullis secrets rotate` once']
    : []
}
