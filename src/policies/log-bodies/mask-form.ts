import { hidden } from './hidden.ts'
import type { Mask, Masked } from './mask.ts'
import { maskLeaf } from './mask-leaf.ts'

/** Hides values in the parameters of a form. Of a text that was cut off, the last parameter is left out. */
export function maskForm(text: string, ended: boolean, mask: Mask): Masked {
  const parameters = text.split('&')
  if (!ended) parameters.pop()
  const clean = parameters.map((parameter) => maskParameter(parameter, mask)).join('&')
  return { text: clean, covers: ended ? 'all' : 'start' }
}

function maskParameter(parameter: string, mask: Mask): string {
  const equals = parameter.indexOf('=')
  const name = equals === -1 ? parameter : parameter.slice(0, equals)
  const read = decode(name)
  if (maskLeaf(read, mask) !== read) return hidden
  if (equals === -1) return parameter
  const value = decode(parameter.slice(equals + 1))
  return mask.hidesParameter(read) || maskLeaf(value, mask) !== value ? `${name}=${hidden}` : parameter
}

function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ')
  if (!spaced.includes('%')) return spaced
  // Escapes that are broken, or are no UTF-8, hide none of the others.
  return spaced.replace(/(?:%[0-9a-fA-F]{2})+/g, (escapes) => {
    try {
      return decodeURIComponent(escapes)
    } catch {
      return Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('latin1')
    }
  })
}
