import { parseMediaType } from '../../input/media-type.ts'
import type { MediaContract } from '../../openapi/operation.ts'

/** Whether a media type is in a range such as `image/*`; parameters of the range are not looked at. */
export function matchesType(range: string, type: string): boolean {
  const essence = toEssence(range)
  if (essence === type || essence === '*/*') return true
  return essence.endsWith('/*') && type.startsWith(essence.slice(0, -1))
}

/** The entry for a media type, the most exact of those that match. */
export function findMedia<T extends { readonly media: MediaContract }>(all: readonly T[], type: string): T | null {
  let best: T | null = null
  for (const one of all) {
    if (!matchesType(one.media.mediaType, type)) continue
    if (best === null || rank(one.media.mediaType) > rank(best.media.mediaType)) best = one
  }
  return best
}

function rank(range: string): number {
  const essence = toEssence(range)
  return essence === '*/*' ? 0 : essence.endsWith('/*') ? 1 : 2
}

function toEssence(range: string): string {
  return parseMediaType(range)?.essence ?? range.toLowerCase()
}
