import { type Finding, finding, type Watch } from '../finding.ts'
import type { TypeName } from '../types/file-types.ts'
import { sizeReaders } from './image-size.ts'

export interface ImageLimits {
  readonly maxWidth: number
  readonly maxHeight: number
  readonly maxPixels: number
}

/** Metadata before the frame header: colour profiles and thumbnails of cameras. */
const maxHeadBytes = 1024 * 1024

/** Judges an image's size as soon as its header has come: a decoder takes memory for what the header says. */
export function watchImageSize(type: TypeName, limits: ImageLimits): Watch {
  const read = sizeReaders[type]
  let parts: Buffer[] | null = []
  let kept = 0
  /** It is read again only when twice as much has come, so that a byte at a time costs no more. */
  let wanted = 0

  function judge(isLast: boolean): Finding | null {
    const head = Buffer.concat(parts ?? [])
    const size = read?.(head) ?? null
    if (size === 'more' && !isLast && kept < maxHeadBytes) {
      parts = [head]
      wanted = kept * 2
      return null
    }
    parts = null
    if (size === null || size === 'more')
      return finding('uploads_image', 'image', 'an image whose header tells its size')
    const { width, height } = size
    if (width === 0 || height === 0) return finding('uploads_image', 'image', 'an image that is not empty')
    if (width > limits.maxWidth) return finding('uploads_image', 'maxWidth', `at most ${limits.maxWidth} pixels wide`)
    if (height > limits.maxHeight)
      return finding('uploads_image', 'maxHeight', `at most ${limits.maxHeight} pixels high`)
    if (width * height > limits.maxPixels)
      return finding('uploads_image', 'maxPixels', `at most ${limits.maxPixels} pixels`)
    return null
  }

  return {
    write(bytes) {
      if (parts === null) return null
      // A copy: it is looked at again when the chunk is gone.
      parts.push(Buffer.from(bytes))
      kept += bytes.length
      return kept < wanted ? null : judge(false)
    },
    end: () => (parts === null ? null : judge(true)),
  }
}
