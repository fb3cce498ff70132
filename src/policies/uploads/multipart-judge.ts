import { type Refusal, refuse } from '../../core/decision.ts'
import { type MultipartEvent, MultipartScanner } from '../../input/multipart-scanner.ts'
import type { PartHead } from '../../input/part-head.ts'
import { type BodyJudge, toRefusal } from './body-judge.ts'
import type { FileRules, RuleTable } from './file-rules.ts'
import { type Finding, finding, type Watch } from './finding.ts'
import { checkName } from './names/check-name.ts'
import type { UploadsOptions } from './options.ts'

export interface MultipartJudging {
  readonly options: UploadsOptions
  readonly rules: RuleTable
  /** The name under which the upstream gets a file. */
  readonly rename: (name: string) => string
  readonly watchFile: (rules: FileRules, claim: { type: string | null; name: string }) => Watch
}

/** Judges the fields and files of a multipart body, one after the other. */
export function createMultipartJudge(boundary: string, judging: MultipartJudging): BodyJudge {
  const scanner = new MultipartScanner(boundary)
  const part = new PartJudge(judging)

  async function judge(events: readonly MultipartEvent[]): Promise<Refusal | null> {
    for (const event of events) {
      if (event.kind === 'problem') return refuse('uploads_malformed', event.problem)
      const found = await part.take(event)
      if (found !== null) return toRefusal(found, part.name)
    }
    return null
  }

  return {
    take: (chunk) => judge(scanner.write(chunk)),
    end: () => judge(scanner.end()),
    close: () => part.close(),
  }
}

class PartJudge {
  name = ''
  readonly #judging: MultipartJudging
  readonly #counts = new Map<string, number>()
  /** Null while a plain field comes. */
  #file: Watch | null = null
  #files = 0
  #fileBytes = 0
  #plainFields = 0
  #plainBytes = 0

  constructor(judging: MultipartJudging) {
    this.#judging = judging
  }

  take(event: Exclude<MultipartEvent, { kind: 'problem' }>): Finding | null | Promise<Finding | null> {
    switch (event.kind) {
      case 'part':
        return this.#begin(event.head)
      case 'data':
        return this.#takeContent(event.bytes)
      case 'partEnd':
        return this.#end()
    }
  }

  #begin(head: PartHead): Finding | null {
    this.name = head.name
    const { rules, options } = this.#judging
    const own = rules.fields.get(head.name)
    // Some servers take a part with a type of its own for a file, whether or not it has a name.
    const isFile = own !== undefined || head.fileName !== null || (head.type !== null && head.type !== 'text/plain')
    if (!isFile) {
      this.#plainBytes = 0
      this.#plainFields++
      const { maxPlainFields } = options
      return this.#plainFields > maxPlainFields
        ? finding('uploads_count', 'maxPlainFields', `at most ${maxPlainFields} plain fields`)
        : null
    }
    return this.#beginFile(head, own ?? rules.others)
  }

  #beginFile({ name, fileName, type }: PartHead, own: FileRules | null): Finding | null {
    const { rules, options, rename, watchFile } = this.#judging
    if (own === null) return finding('uploads_field', 'fields', `files in ${[...rules.fields.keys()].join(', ')}`)
    if (fileName === null || fileName === '') return finding('uploads_field', 'file', 'a file with a name')
    const count = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, count)
    this.#files++
    if (this.#files > options.maxFiles) return finding('uploads_count', 'maxFiles', `at most ${options.maxFiles} files`)
    if (count > own.maxCount) return finding('uploads_count', 'maxCount', `at most ${own.maxCount} files in this field`)
    const renamed = rename(fileName)
    const found = checkName(renamed)
    if (found !== null) return found
    this.#file = watchFile(own, { type, name: renamed })
    return null
  }

  #takeContent(bytes: Buffer): Finding | null | Promise<Finding | null> {
    const { maxPlainFieldBytes, maxTotalBytes } = this.#judging.options
    if (this.#file === null) {
      this.#plainBytes += bytes.length
      return this.#plainBytes > maxPlainFieldBytes
        ? finding('uploads_too_large', 'maxPlainFieldBytes', `a field of at most ${maxPlainFieldBytes} bytes`)
        : null
    }
    this.#fileBytes += bytes.length
    if (this.#fileBytes > maxTotalBytes) {
      return finding('uploads_too_large', 'maxTotalBytes', `files of at most ${maxTotalBytes} bytes in all`)
    }
    return this.#file.write(bytes)
  }

  async #end(): Promise<Finding | null> {
    const file = this.#file
    if (file === null) return null
    const found = await file.end()
    this.close()
    return found
  }

  close(): void {
    this.#file?.close?.()
    this.#file = null
  }
}
