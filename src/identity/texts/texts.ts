import { escapeHtml, Html } from '../pages/html.ts'
import type { Catalogue, TextKey } from './en.ts'

export type TextValues = Readonly<Record<string, string | number>>

/** What is said to one person, in their language. */
export interface Texts {
  /** As `lang` names it (BCP 47). */
  readonly language: string
  say(key: TextKey, values?: TextValues): string
  /** The same where values are markup; what is text stays text. */
  mark(key: TextKey, values: Readonly<Record<string, Html>>): Html
}

const placeholder = /\{([A-Za-z]+)\}/g

export function createTexts(language: string, catalogue: Catalogue): Texts {
  return {
    language,
    say: (key, values = {}) =>
      catalogue[key].replace(placeholder, (whole, name: string) =>
        Object.hasOwn(values, name) ? String(values[name]) : whole,
      ),
    mark: (key, values) =>
      // Split by what stands in parentheses: text and names by turns.
      new Html(
        catalogue[key]
          .split(placeholder)
          .map((part, i) => (i % 2 === 0 ? escapeHtml(part) : (values[part]?.text ?? '')))
          .join(''),
      ),
  }
}
