import type { Mask } from './mask.ts'
import { maskMarkup } from './mask-markup.ts'

/** Hides secrets in a text that stands in another one, such as a JSON string that holds a URL, JSON or XML. */
export function maskLeaf(text: string, mask: Mask): string {
  const clean = mask.hideIn(text)
  return clean.includes('<') || clean.includes('lt;') ? maskMarkup(clean, true, mask).text : clean
}
