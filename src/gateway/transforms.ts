import type { BodyTransform } from '../core/body.ts'

/** What is left of a chunk behind all transforms; null when nothing is. */
export function transformChunk(transforms: readonly BodyTransform[], chunk: Uint8Array): Uint8Array | null {
  let out: Uint8Array | null = chunk
  for (const transform of transforms) {
    if (out === null) return null
    out = transform(out)
  }
  return out
}

/** What the transforms still held: each one's tail goes through those behind it. */
export function transformEnd(transforms: readonly BodyTransform[]): Uint8Array | null {
  const parts: Uint8Array[] = []
  for (let i = 0; i < transforms.length; i++) {
    const tail = (transforms[i] as BodyTransform)(null)
    if (tail === null) continue
    const through = transformChunk(transforms.slice(i + 1), tail)
    if (through !== null) parts.push(through)
  }
  return parts.length === 0 ? null : Buffer.concat(parts)
}

/** A body that is at hand whole, as the transforms leave it. */
export function transformWhole(transforms: readonly BodyTransform[], body: Uint8Array | string | null): Uint8Array {
  const bytes = typeof body === 'string' ? Buffer.from(body) : (body ?? new Uint8Array(0))
  const parts = [bytes.length === 0 ? null : transformChunk(transforms, bytes), transformEnd(transforms)]
  return Buffer.concat(parts.filter((part) => part !== null))
}
