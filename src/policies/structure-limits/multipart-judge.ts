import { type MultipartEvent, MultipartScanner } from '../../input/multipart-scanner.ts'
import type { PartHead } from '../../input/part-head.ts'
import { NameTally } from './check-pairs.ts'
import { type BodyJudge, type Finding, malformed, tooMuch } from './finding.ts'
import type { StructureLimitsOptions } from './options.ts'

type MultipartLimits = StructureLimitsOptions['multipart']

export function createMultipartJudge(limits: MultipartLimits, boundary: string): BodyJudge {
  const scanner = new MultipartScanner(boundary)
  const parts = new PartTally(limits)
  return {
    write: (bytes) => parts.judge(scanner.write(bytes)),
    end: () => parts.judge(scanner.end()),
  }
}

class PartTally {
  readonly #limits: MultipartLimits
  readonly #fields: NameTally
  #parts = 0
  #files = 0
  #head: PartHead | null = null
  #bytes = 0

  constructor(limits: MultipartLimits) {
    this.#limits = limits
    this.#fields = new NameTally(limits.allowRepeated)
  }

  judge(events: readonly MultipartEvent[]): Finding | null {
    for (const event of events) {
      const finding = this.#judgeOne(event)
      if (finding !== null) return finding
    }
    return null
  }

  #judgeOne(event: MultipartEvent): Finding | null {
    switch (event.kind) {
      case 'part':
        this.#head = event.head
        this.#bytes = 0
        return this.#judgeHead(event.head)
      case 'data':
        this.#bytes += event.bytes.length
        return this.#head === null ? null : this.#judgeLength(this.#head)
      case 'partEnd':
        return null
      case 'problem':
        return malformed('body', '', 'multipart', 'multipart/form-data (RFC 7578)', event.problem)
    }
  }

  #judgeHead({ name, fileName }: PartHead): Finding | null {
    const { maxParts, maxFiles, maxNameLength, maxFileNameLength } = this.#limits
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

  #judgeLength({ name, fileName }: PartHead): Finding | null {
    const [rule, limit] =
      fileName === null
        ? (['maxFieldBytes', this.#limits.maxFieldBytes] as const)
        : (['maxFileBytes', this.#limits.maxFileBytes] as const)
    return this.#bytes > limit ? tooMuch('body', name, rule, `at most ${limit} bytes`) : null
  }
}

function holdsControl(text: string): boolean {
  return [...text].some((char) => char < ' ' || char === '\x7f')
}
