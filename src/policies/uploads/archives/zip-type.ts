import { type Finding, finding } from '../finding.ts'
import type { TypeName } from '../types/file-types.ts'
import type { ZipEntry } from './zip-directory.ts'

const office: Readonly<Record<string, TypeName>> = {
  'word/document.xml': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'xl/workbook.xml': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'ppt/presentation.xml': 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
}
const openDocuments: readonly TypeName[] = [
  'application/vnd.oasis.opendocument.text',
  'application/vnd.oasis.opendocument.spreadsheet',
]
/** Macros of Office and of OpenDocument, and code of Java and Android. */
const programs =
  /(^|\/)(vbaproject\.bin|vbadata\.xml|activex\d*\.(xml|bin))$|^(basic|scripts)\/|^meta-inf\/manifest\.mf$|^androidmanifest\.xml$|\.class$/i

/** Which of the types that are archives this one is; null for one that stands for programs or for none of them. */
export function toZipType(entries: readonly ZipEntry[]): TypeName | null {
  const [first] = entries
  if (first?.name === 'mimetype' && first.method === 0) {
    const type = first.packed.toString('latin1')
    return openDocuments.find((one) => one === type) ?? null
  }
  if (!entries.some(({ name }) => name === '[Content_Types].xml')) return 'application/zip'
  const parts = entries.flatMap(({ name }) => (Object.hasOwn(office, name) ? (office[name] as TypeName) : []))
  return parts.length === 1 ? (parts[0] as TypeName) : null
}

export function checkPrograms(entries: readonly ZipEntry[]): Finding | null {
  return entries.some(({ name }) => programs.test(name))
    ? finding('uploads_active', 'active', 'a document or archive without macros and programs')
    : null
}
