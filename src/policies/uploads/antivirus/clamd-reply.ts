import type { Verdict } from './scanner.ts'

/** No honest answer is longer. */
export const maxReplyBytes = 4096

/**
 * Reads what clamd answers to `zINSTREAM` (clamd(8)): one line that a NUL ends. Null where it has not come whole; whatever is
 * no verdict is a failure, never a clean file.
 */
export function parseReply(received: Buffer): Verdict | null {
  const end = received.indexOf(0)
  if (end === -1) return received.length > maxReplyBytes ? failed('an answer that does not end') : null
  const text = received.toString('utf8', 0, end)
  if (text === 'stream: OK') return { kind: 'clean' }
  const signature = /^stream: (.{1,500}) FOUND$/.exec(text)?.[1]
  if (signature !== undefined) return { kind: 'infected', signature }
  if (text.startsWith('INSTREAM size limit exceeded')) return failed('the file is longer than its StreamMaxLength')
  return failed(`it answered ${JSON.stringify(text.slice(0, 200))}`)
}

export function failed(reason: string): Verdict {
  return { kind: 'failed', reason }
}
