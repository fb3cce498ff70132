const words = (text: string) => new Set(text.split(' '))

/** Elements that draw. What runs, embeds, links or changes attributes later is not among them. */
export const svgElements = words(
  'svg g defs symbol use title desc metadata switch path rect circle ellipse line polyline polygon text tspan textPath tref ' +
    'linearGradient radialGradient stop clipPath mask pattern marker image style view filter feBlend feColorMatrix ' +
    'feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood ' +
    'feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset fePointLight ' +
    'feSpecularLighting feSpotLight feTile feTurbulence font font-face font-face-src font-face-name glyph missing-glyph',
)

const svgNamespace = 'http://www.w3.org/2000/svg'
const inert = [
  'http://www.w3.org/1999/xlink',
  'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  'http://purl.org/dc/elements/1.1/',
  'http://creativecommons.org/ns#',
  'http://web.resource.org/cc/',
  'http://sodipodi.sourceforge.net/',
  'http://www.inkscape.org/namespaces/',
  'http://www.bohemiancoding.com/sketch/ns',
  'http://www.figma.com/figma/ns',
  'https://boxy-svg.com',
  'http://www.serif.com/',
  'http://ns.adobe.com/',
]

/** Whether a prefix may stand for it: namespaces of which browsers know nothing. */
export function isInertNamespace(prefix: string, uri: string): boolean {
  if (prefix === '' || prefix === 'svg') return uri === svgNamespace
  return inert.some((known) => uri.startsWith(known))
}

/** A reference into the file itself, or a picture in it that is none of its own kind. */
export function isInnerReference(value: string): boolean {
  return /^\s*(#|data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*$)/.test(value)
}

/** Whether text of a style loads or runs nothing; an escape could hide both. */
export function isInertStyle(text: string): boolean {
  const lower = text.toLowerCase()
  if (/[\\]|@import|@font-face|expression\s*\(|behavior\s*:|-moz-binding|javascript:|image-set|image\s*\(/.test(lower))
    return false
  return lower
    .split('url(')
    .slice(1)
    .every((rest) => /^\s*["']?#/.test(rest))
}
