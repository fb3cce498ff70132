import { contentOf, type DerElement, DerError, expectTag, readChildren, readOid, tags, wholeOf } from './der.ts'

/** One attribute of a distinguished name: `['CN', 'reports']`; types without a short name are written as numbers. */
export type NameAttribute = readonly [type: string, value: string]

/** A distinguished name as its certificate has it: RDNs in order, each with one attribute or several. */
export type DistinguishedName = readonly (readonly NameAttribute[])[]

/** The names of a certificate's `subjectAltName` that may stand for a caller. */
export interface AlternativeNames {
  readonly dns: readonly string[]
  readonly uri: readonly string[]
  readonly email: readonly string[]
}

const shortNames = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.4', 'SN'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'street'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.12', 'title'],
  ['2.5.4.42', 'GN'],
  ['2.5.4.97', 'organizationIdentifier'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['1.2.840.113549.1.9.1', 'emailAddress'],
])

/** What a policy file may call an attribute. */
export const attributeTypes: readonly string[] = [...shortNames.values()]

const utf8 = new TextDecoder('utf-8', { fatal: true })

export function readName(element: DerElement): DistinguishedName {
  return [...readChildren(expectTag(element, tags.sequence))].map((set) =>
    [...readChildren(expectTag(set, tags.set))].map((pair): NameAttribute => {
      const [type, value] = readChildren(expectTag(pair, tags.sequence))
      const oid = readOid(type)
      if (value === undefined) throw new DerError('a name without a value')
      return [shortNames.get(oid) ?? oid, readText(value)]
    }),
  )
}

/**
 * Two names are the same when every RDN is, in order, character for character. Whoever maps a name to a caller wants no
 * case folding and no trimming: what the authority wrote is what was meant.
 */
export function isSameName(a: DistinguishedName, b: DistinguishedName): boolean {
  const write = (name: DistinguishedName) =>
    JSON.stringify(name.map((rdn) => rdn.map(([type, value]) => JSON.stringify([type, value])).sort()))
  return write(a) === write(b)
}

/** Names of other kinds (addresses, directory names) stand for nobody and are left out. */
export function readAlternativeNames(element: DerElement): AlternativeNames {
  const names = { dns: [] as string[], uri: [] as string[], email: [] as string[] }
  for (const name of readChildren(expectTag(element, tags.sequence))) {
    const kind = name.tag === 0x81 ? names.email : name.tag === 0x82 ? names.dns : name.tag === 0x86 ? names.uri : null
    if (kind === null) continue
    const text = contentOf(name).toString('latin1')
    // A NUL, a line break or a letter beyond ASCII is there to be read in two ways.
    if (!/^[\x21-\x7e]+$/.test(text)) throw new DerError('an alternative name with characters that it cannot have')
    kind.push(kind === names.dns ? text.toLowerCase() : text)
  }
  return names
}

function readText(element: DerElement): string {
  const content = contentOf(element)
  let text: string
  switch (element.tag) {
    case tags.utf8String:
      text = utf8.decode(content)
      break
    case tags.printableString:
    case tags.ia5String:
    case tags.teletexString:
      text = content.toString('latin1')
      break
    case tags.bmpString:
      if (content.length % 2 !== 0) throw new DerError('half a character')
      text = Buffer.from(content).swap16().toString('utf16le')
      break
    default:
      // Still exact: no text that a policy file can hold is the same.
      return `#${wholeOf(element).toString('hex')}`
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
  if (/[\x00-\x1f\x7f]/.test(text)) throw new DerError('a name with control characters')
  return text
}
