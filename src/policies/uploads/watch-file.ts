import { agreeOnType, type Claim } from './agree-type.ts'
import type { FileRules } from './file-rules.ts'
import { type Finding, finding, type Watch } from './finding.ts'
import { headBytes } from './types/detect-type.ts'
import type { TypeName } from './types/file-types.ts'

/** What is made for each file. */
export interface FileWatching {
  readonly rules: FileRules
  readonly claim: Claim
  readonly createContentWatches: (type: TypeName) => readonly Watch[]
  /** What looks at every file, whatever its type. */
  readonly always: readonly Watch[]
}

/** Judges one file while it comes: its length, its type as soon as that can be told, then everything within it. */
export function watchFile({ rules, claim, createContentWatches, always }: FileWatching): Watch {
  let head: Buffer | null = Buffer.alloc(0)
  let length = 0
  let watches: readonly Watch[] = []

  function begin(first: Buffer): Finding | null {
    const type = agreeOnType(first.subarray(0, headBytes), rules.types, claim)
    if (typeof type !== 'string') return type
    watches = [...createContentWatches(type), ...always]
    return null
  }

  async function feed(bytes: Buffer): Promise<Finding | null> {
    for (const watch of watches) {
      const found = await watch.write(bytes)
      if (found !== null) return found
    }
    return null
  }

  return {
    async write(bytes) {
      length += bytes.length
      if (length > rules.maxBytes) {
        return finding('uploads_too_large', 'maxBytes', `a file of at most ${rules.maxBytes} bytes`)
      }
      if (head === null) return feed(bytes)
      head = Buffer.concat([head, bytes])
      if (head.length < headBytes) return null
      const first = head
      head = null
      return begin(first) ?? feed(first)
    },
    async end() {
      if (head !== null) {
        const found = begin(head) ?? (await feed(head))
        if (found !== null) return found
      }
      for (const watch of watches) {
        const found = await watch.end()
        if (found !== null) return found
      }
      return null
    },
    close() {
      const all = new Set([...watches, ...always])
      watches = []
      for (const watch of all) watch.close?.()
    },
  }
}
