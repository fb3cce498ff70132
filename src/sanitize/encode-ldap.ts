/** A value in a filter (RFC 4515 section 3): `(uid=${encodeLdapFilter(name)})`. A `*` in it stands for itself. */
export function encodeLdapFilter(text: string): string {
  return text.toWellFormed().replace(/[\\*()\0/]/g, (character) => `\\${toHex(character)}`)
}

/** A value in a distinguished name (RFC 4514 section 2.4): `cn=${encodeLdapDn(name)},ou=people`. */
export function encodeLdapDn(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}"+,;<>=\\]/gu, (character) => (isControl(character) ? toBytes(character) : `\\${character}`))
    .replace(/^[ #]| $/g, (character) => `\\${toHex(character)}`)
}

function isControl(character: string): boolean {
  return /\p{Cc}/u.test(character)
}

function toBytes(character: string): string {
  return [...Buffer.from(character)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')
}

function toHex(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(2, '0')
}
