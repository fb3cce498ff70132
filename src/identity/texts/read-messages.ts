import { parse } from 'yaml'
import { de } from './de.ts'
import { type Catalogue, en } from './en.ts'
import { createTexts, type Texts } from './texts.ts'

const maxBytes = 256 * 1024
const own: Readonly<Record<string, Catalogue>> = { en, de }

/**
 * The languages of the pages: ours, and those of files, of which a key that is missing is said in English.
 * @param files by language
 * @param first for who asks for none that is there
 * Throws an error that names the file and the key where one cannot be used.
 */
export function readMessages(
  files: Readonly<Record<string, { readonly reference: string; readonly bytes: Uint8Array }>>,
  first: string,
): readonly Texts[] {
  const catalogues = new Map(Object.entries(own))
  for (const [language, { reference, bytes }] of Object.entries(files)) {
    const known = catalogues.get(language) ?? en
    catalogues.set(language, { ...known, ...readCatalogue(reference, bytes) })
  }
  if (!catalogues.has(first)) throw new Error(`identity.pages.language: there are no messages for "${first}"`)
  const texts = [...catalogues].map(([language, catalogue]) => createTexts(language, catalogue))
  return texts.sort((a, b) => Number(b.language === first) - Number(a.language === first))
}

function readCatalogue(reference: string, bytes: Uint8Array): Partial<Catalogue> {
  if (bytes.length > maxBytes) throw new Error(`${reference}: has more than 256 KiB`)
  let value: unknown
  try {
    value = parse(Buffer.from(bytes).toString(), { maxAliasCount: 0 })
  } catch (error) {
    throw new Error(`${reference}: ${(error as Error).message}`)
  }
  if (typeof value !== 'object' || value === null) throw new Error(`${reference}: must hold keys and texts`)
  for (const [key, text] of Object.entries(value)) {
    if (!Object.hasOwn(en, key)) throw new Error(`${reference}: there is no text "${key}"`)
    if (typeof text !== 'string') throw new Error(`${reference}: "${key}" must be a text`)
    const missing = placesOf(en[key as keyof Catalogue]).filter((place) => !placesOf(text).includes(place))
    if (missing.length > 0) throw new Error(`${reference}: "${key}" must hold ${missing.join(' and ')}`)
  }
  return value as Partial<Catalogue>
}

function placesOf(text: string): string[] {
  return text.match(/\{[A-Za-z]+\}/g) ?? []
}
