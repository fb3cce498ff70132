import type { Texts } from './texts.ts'

/** More than any browser names: what is longer is not read. */
const maxLength = 200

/**
 * The language that somebody asks for: `ui_locales` (separated by spaces) before `Accept-Language` (RFC 9110 section
 * 12.5.4); the first of those offered where there is none of them.
 */
export function chooseTexts(
  asked: { readonly locales?: string | undefined; readonly acceptLanguage?: string | undefined },
  offered: readonly Texts[],
): Texts {
  const wanted = [...(asked.locales ?? '').slice(0, maxLength).split(' '), ...toRanges(asked.acceptLanguage ?? '')]
  for (const range of wanted) {
    const primary = range.split('-')[0]?.toLowerCase()
    const found = offered.find(({ language }) => language === primary)
    if (found !== undefined) return found
  }
  return offered[0] as Texts
}

/** The languages of the field, most wanted first. */
function toRanges(field: string): string[] {
  return field
    .slice(0, maxLength)
    .split(',')
    .map((part) => {
      const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim())
      const weight = Number(parameters.find((one) => one.startsWith('q='))?.slice(2) ?? 1)
      return { range, weight }
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ range }) => range)
}
