import type { ImageLimits } from './images/watch-size.ts'
import type { UploadsOptions } from './options.ts'
import type { TypeName } from './types/file-types.ts'

/** What holds for the files of one field. */
export interface FileRules {
  readonly types: ReadonlySet<TypeName>
  readonly maxBytes: number
  readonly maxCount: number
  readonly image: ImageLimits
}

/** The rules of every field; of files elsewhere (`others`), and of bodies that are one file; null where none may come. */
export interface RuleTable {
  readonly fields: ReadonlyMap<string, FileRules>
  readonly others: FileRules | null
  readonly raw: FileRules | null
}

export function createRuleTable(options: UploadsOptions): RuleTable {
  const { types, fields, maxFileBytes, maxFiles, image } = options
  const common: FileRules | null =
    types === undefined ? null : { types: new Set(types), maxBytes: maxFileBytes, maxCount: maxFiles, image }
  const own = Object.entries(fields ?? {}).map(([name, field]): [string, FileRules] => [
    name,
    {
      types: new Set(field.types ?? types ?? []),
      maxBytes: field.maxBytes ?? maxFileBytes,
      maxCount: field.maxCount,
      image: field.image ?? image,
    },
  ])
  return { fields: new Map(own), others: fields === undefined ? common : null, raw: common }
}
