import { type Finding, finding } from './finding.ts'
import { toExtension } from './names/check-name.ts'
import { type Detected, detectType } from './types/detect-type.ts'
import { type TypeName, toFileType } from './types/file-types.ts'

/** What is claimed of a file: its `Content-Type`, and its name where it has one. */
export interface Claim {
  readonly type: string | null
  readonly name: string | null
}

/** The type on which content, declared type and extension agree and that is allowed, or why there is none. */
export function agreeOnType(head: Buffer, allowed: ReadonlySet<TypeName>, claim: Claim): TypeName | Finding {
  if (head.length === 0) return finding('uploads_type', 'content', 'a file that is not empty')
  const possible = [...allowed].filter((type) => isPossible(type, detectType(head)))
  if (possible.length === 0) return finding('uploads_type', 'types', `one of ${[...allowed].join(', ')}`)
  const declared = possible.filter((type) => claim.type !== null && toFileType(type).declared.includes(claim.type))
  const [type] = declared
  if (type === undefined) {
    return finding('uploads_type', 'contentType', `the Content-Type of what it is: ${list(possible, 'declared')}`)
  }
  if (claim.name !== null && !toFileType(type).extensions.includes(toExtension(claim.name))) {
    return finding('uploads_type', 'extension', `a name that ends as what it is: ${list([type], 'extensions')}`)
  }
  return type
}

function isPossible(type: TypeName, detected: Detected): boolean {
  return detected === type || ((detected === 'zip' || detected === 'text') && toFileType(type).content === detected)
}

function list(types: readonly TypeName[], key: 'declared' | 'extensions'): string {
  return types.flatMap((type) => toFileType(type)[key]).join(', ')
}
