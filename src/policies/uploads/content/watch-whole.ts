import { type Finding, finding, type Watch } from '../finding.ts'

/** Memory for files that are read whole, of all requests of a thread. */
export interface HeldBytes {
  /** Takes so many bytes more; false where none are left. */
  take(bytes: number): boolean
  give(bytes: number): void
}

export function createHeldBytes(maxBytes: number): HeldBytes {
  let held = 0
  return {
    take(bytes) {
      if (held + bytes > maxBytes) return false
      held += bytes
      return true
    },
    give(bytes) {
      held -= bytes
    },
  }
}

const busy = finding('uploads_busy', 'memory', 'fewer files that are read whole at the same time')

/** Hands a file over whole, where its type cannot be judged otherwise; a longer one than `maxBytes` is refused. */
export function watchWhole(
  { maxBytes, rule, held }: { readonly maxBytes: number; readonly rule: string; readonly held: HeldBytes },
  judge: (file: Buffer) => Finding | null | Promise<Finding | null>,
): Watch {
  let parts: Buffer[] = []
  let length = 0
  return {
    write(bytes) {
      if (length + bytes.length > maxBytes) {
        return finding('uploads_too_large', rule, `at most ${maxBytes} bytes of a file that has to be read whole`)
      }
      if (!held.take(bytes.length)) return busy
      length += bytes.length
      parts.push(Buffer.from(bytes))
      // A client may send a byte at a time, and a buffer of its own costs hundreds.
      if (parts.length > 256) parts = [Buffer.concat(parts)]
      return null
    },
    end: () => judge(Buffer.concat(parts)),
    close() {
      held.give(length)
      length = 0
      parts = []
    },
  }
}
