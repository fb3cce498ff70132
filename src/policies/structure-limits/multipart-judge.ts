import { type MultipartEnd, MultipartScanner, type MultipartWatch } from '../../input/multipart-scanner.ts'
import type { PartHead } from '../../input/part-head.ts'
import { NameTally } from './check-pairs.ts'
import { type BodyJudge, type Finding, malformed, tooMuch } from './finding.ts'
import type { StructureLimitsOptions } from './options.ts'

type MultipartLimits = StructureLimitsOptions['multipart']

export function createMultipartJudge(limits: MultipartLimits, boundary: string): BodyJudge {
  const scanner = new MultipartScanner(boundary, new PartWatch(limits))
  return {
    write: (bytes) => toFinding(scanner.write(bytes)),
    end: () => toFinding(scanner.finish()),
  }
}

class PartWatch implements MultipartWatch<Finding> {
  readonly #limits: MultipartLimits
  readonly #fields: NameTally
  #parts = 0
  #files = 0
  #bytes = 0

  constructor(limits: MultipartLimits) {
    this.#limits = limits
    this.#fields = new NameTally(limits.allowRepeated)
  }

  onPart({ name, fileName }: PartHead): Finding | null {
    const { maxParts, maxFiles, maxNameLength, maxFileNameLength } = this.#limits
    this.#bytes = 0
    if (++this.#parts > maxParts) return tooMuch('body', '', 'maxParts', `at most ${maxParts} parts`)
    if (name.length > maxNameLength) {
      return tooMuch('body', name, 'maxNameLength', `names of at most ${maxNameLength} characters`)
    }
    if (holdsControl(name) || holdsControl(fileName ?? '')) {
      return malformed('body', name, 'control', 'no control characters')
    }
    if (fileName === null) {
      return this.#fields.add(name) ? null : malformed('body', name, 'repeated', 'each name once')
    }
    if (++this.#files > maxFiles) return tooMuch('body', '', 'maxFiles', `at most ${maxFiles} files`)
    return fileName.length > maxFileNameLength
      ? tooMuch('body', name, 'maxFileNameLength', `file names of at most ${maxFileNameLength} characters`)
      : null
  }

  onContent({ name, fileName }: PartHead, bytes: number): Finding | null {
    this.#bytes += bytes
    const [rule, limit] =
      fileName === null
        ? (['maxFieldBytes', this.#limits.maxFieldBytes] as const)
        : (['maxFileBytes', this.#limits.maxFileBytes] as const)
    return this.#bytes > limit ? tooMuch('body', name, rule, `at most ${limit} bytes`) : null
  }
}

function toFinding(end: MultipartEnd<Finding> | null): Finding | null {
  if (end === null) return null
  return 'found' in end ? end.found : malformed('body', '', 'multipart', 'multipart/form-data (RFC 7578)', end.problem)
}

function holdsControl(text: string): boolean {
  return [...text].some((char) => char < ' ' || char === '\x7f')
}
