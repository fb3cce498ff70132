import { encode } from 'uqr'
import { Html } from './html.ts'

const border = 4

/** A text as a picture that cameras read: inline, so that nothing is loaded. Black on white in every theme. */
export function createQrCode(text: string, description: string): Html {
  const { data, size } = encode(text, { ecc: 'M', border })
  const dark = data.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x} ${y}h1v1h-1z`] : [])))
  const label = description.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
  return new Html(
    `<svg role="img" aria-label="${label}" width="240" height="240" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">` +
      `<rect width="${size}" height="${size}" fill="#fff"/><path d="${dark.join('')}" fill="#000"/></svg>`,
  )
}
