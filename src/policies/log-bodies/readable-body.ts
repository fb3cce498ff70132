import type { Mask, Masked } from './mask.ts'
import { maskForm } from './mask-form.ts'
import { maskJson } from './mask-json.ts'
import { maskMarkup } from './mask-markup.ts'
import { maskText } from './mask-text.ts'
import type { Form } from './media-type.ts'
import type { Recording } from './recording.ts'

/** What is written of a body. */
export interface ReadableBody {
  /** Null where nothing is. */
  readonly text: string | null
  /** Why nothing is, or why the text ends early; null where neither needs saying. */
  readonly note: string | null
  /** True where the text is not the whole body. */
  readonly isCut: boolean
}

/** Makes a body fit for the log: text in which every secret that can be told is hidden, or the reason why there is none. */
export function toReadableBody(recording: Recording, mask: Mask): ReadableBody {
  const { form, note } = recording.media
  if (form === null) return { text: null, note, isCut: true }
  const { kept, isWhole } = recording
  const text = decode(kept, isWhole)
  if (text === null) return { text: null, note: 'not UTF-8', isCut: true }
  if (hasControl(text)) return { text: null, note: 'control characters', isCut: true }
  const { text: clean, covers } = maskAs(form, text, isWhole, mask)
  // Now, while it is whole: in the lines of the log it stands in parts, and a secret may be cut in two.
  return { text: mask.redactText(clean), note: covers === 'broken' ? 'malformed' : null, isCut: covers !== 'all' }
}

function maskAs(form: Form, text: string, ended: boolean, mask: Mask): Masked {
  if (form === 'json') return maskJson(text, ended, mask)
  const first = text.trimStart()[0]
  // Media types lie: clients that are told nothing send JSON and XML as forms.
  if (form === 'markup' || first === '<') return maskMarkup(text, ended, mask)
  if (first === '{' || first === '[') {
    const masked = maskJson(text, ended, mask)
    return masked.covers === 'broken' ? maskText(text, ended, mask) : masked
  }
  return form === 'form' ? maskForm(text, ended, mask) : maskText(text, ended, mask)
}

/** Null where the bytes are no UTF-8; a character that was cut off at the end is none of them. */
function decode(bytes: Uint8Array, ended: boolean): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !ended })
  } catch {
    return null
  }
}

/** Text holds no control characters but spaces and line ends; what does is binary, or another encoding. */
function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0x20 && (code < 0x09 || code > 0x0d)) return true
  }
  return false
}
