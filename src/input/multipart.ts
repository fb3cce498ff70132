import { MultipartScanner } from './multipart-scanner.ts'
import type { PartHead } from './part-head.ts'

/** One part of a multipart body (RFC 7578). */
export interface Part extends PartHead {
  readonly bytes: Uint8Array
}

export type Multipart =
  | { readonly ok: true; readonly parts: readonly Part[] }
  | { readonly ok: false; readonly problem: string }

/** Reads a whole body, by the same scanner that reads streamed ones. */
export function parseMultipart(body: Uint8Array, boundary: string): Multipart {
  const scanner = new MultipartScanner(boundary)
  const parts: Part[] = []
  let head: PartHead | null = null
  let bytes: Uint8Array = noBytes
  for (const event of [...scanner.write(body), ...scanner.end()]) {
    if (event.kind === 'problem') return { ok: false, problem: event.problem }
    if (event.kind === 'part') {
      head = event.head
      bytes = noBytes
    } else if (event.kind === 'data') bytes = event.bytes
    else if (head !== null) parts.push({ ...head, bytes })
  }
  return { ok: true, parts }
}

const noBytes = new Uint8Array(0)
