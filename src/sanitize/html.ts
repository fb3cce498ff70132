import sanitize from 'sanitize-html'
import { presets } from './html-presets.ts'
import { SanitizeError } from './sanitize-error.ts'

/** What a text may hold: a line with emphasis, what people write in comments, or articles with headings, tables and pictures. */
export type HtmlPreset = 'line' | 'comment' | 'article'

/** In UTF-16 units. */
const defaultMaxLength = 256 * 1024

/**
 * HTML of strangers with nothing in it but the elements and attributes of a preset: no scripts, styles, forms, ids or classes.
 * What is not allowed is left out, its text stays; links get `rel="nofollow noopener ugc"`. For the content of an element of a
 * page, not for attributes or `<script>`. A Content Security Policy belongs beside it.
 * @param maxLength of `html`, in UTF-16 units; default 262144
 * @throws {SanitizeError} `too_long`
 * @example
 * sanitizeHtml('<p onclick="x()">Hello <script>alert(1)</script></p>', 'comment') // '<p>Hello </p>'
 */
export function sanitizeHtml(html: string, preset: HtmlPreset, maxLength = defaultMaxLength): string {
  if (html.length > maxLength) throw new SanitizeError('too_long', `more than ${maxLength} characters of HTML`)
  // The parser keeps NUL, of which browsers make something else or nothing.
  return sanitize(html.toWellFormed().replaceAll('\0', ''), presets[preset])
}
