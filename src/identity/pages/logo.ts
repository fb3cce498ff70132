/** With the page around it, a login stays below 30 kB. */
const maxBytes = 16 * 1024

const svg = /^\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--[\s\S]{0,2000}?-->\s*)?<svg[\s>]/

function toType(head: string): string | null {
  if (head.startsWith('\x89PNG\r\n')) return 'image/png'
  if (head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP') return 'image/webp'
  // A picture in an `img` runs no script and loads nothing, whatever it holds.
  return svg.test(head) ? 'image/svg+xml' : null
}

/** A picture as the address of itself. Throws where it is none, or too large. */
export function readLogo(reference: string, bytes: Uint8Array): string {
  if (bytes.length > maxBytes) throw new Error(`${reference}: the logo has more than 16 KiB; make it smaller`)
  const type = toType(Buffer.from(bytes.subarray(0, 4096)).toString('latin1'))
  if (type === null) throw new Error(`${reference}: the logo must be SVG, PNG or WebP`)
  return `data:${type};base64,${Buffer.from(bytes).toString('base64')}`
}
