/** RFC 5321 section 4.5.3.1; what is quoted, or not of ASCII, is no address that people give. */
const form =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?=.{3,189}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/

/**
 * An address in the one form in which accounts have it, in lower case; null for what is none. Letters that only look like
 * those of ASCII are refused rather than folded: a mail to the folded address would reach somebody else.
 */
export function parseAddress(text: string): string | null {
  if (text.length > 254) return null
  const address = text.trim().toLowerCase()
  if (address.length !== text.trim().length || !form.test(address)) return null
  return address.startsWith('.') || address.includes('..') || address.includes('.@') ? null : address
}
