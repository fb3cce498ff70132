import { finding, type Watch } from '../finding.ts'
import { isText } from '../types/detect-text.ts'

const noText = finding('uploads_type', 'content', 'text in UTF-8 without control characters')

/** A text is UTF-8 to its end. */
export function watchText(): Watch {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  return {
    write(bytes) {
      if (!isText(bytes)) return noText
      try {
        decoder.decode(bytes, { stream: true })
        return null
      } catch {
        return noText
      }
    },
    end() {
      try {
        decoder.decode()
        return null
      } catch {
        return noText
      }
    },
  }
}
