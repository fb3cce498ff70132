import type { Report } from './finding.ts'

/** LDAP (RFC 4515): a value that closes the filter in which it stands and opens another one, `*)(uid=*`. */
export function judgeFilter(text: string, report: Report): void {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x28) depth++
    if (code !== 0x29) continue
    if (depth > 0) {
      depth--
      continue
    }
    // More is closed than was opened.
    if (text.charCodeAt(i + 1) === 0x28 && opensFilter(text, i + 2)) report('ldap', 'ldap-filter', 8)
    const isWild = text.charCodeAt(i - 1) === 0x2a
    if (isWild && (text.startsWith('))', i) || text.charCodeAt(i + 1) === 0)) report('ldap', 'ldap-filter', 6)
    if (text.startsWith('))(', i) && opensFilter(text, i + 3)) report('ldap', 'ldap-filter', 8)
    if (text.charCodeAt(i + 1) === 0 || text.startsWith(')\0', i + 1)) report('ldap', 'ldap-filter', 7)
  }
}

/** `|(`, `&)`, `!(`, `uid=`, `cn>=` */
function opensFilter(text: string, at: number): boolean {
  let i = at
  while (i < at + 4 && text.charCodeAt(i) === 0x28) i++
  const code = text.charCodeAt(i)
  if (code === 0x7c || code === 0x26 || code === 0x21) return true
  const start = i
  while (i < start + 40 && isAttribute(text.charCodeAt(i))) i++
  if (i === start) return false
  const sign = text[i]
  return sign === '=' || ((sign === '>' || sign === '<' || sign === '~' || sign === ':') && text[i + 1] === '=')
}

function isAttribute(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x2e || code === 0x3b
  )
}
