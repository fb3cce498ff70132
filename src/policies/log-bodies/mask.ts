import { createPointerTree, type PointerNode, parsePointer } from '../../core/pointer-tree.ts'
import type { Redactor } from '../../core/telemetry.ts'
import { hideNamedValues } from './named-values.ts'

/** What must not be seen: the log's own rules and those of the route. */
export interface Mask {
  /** Whether what stands under this name is hidden. Of `user[password]` and `soap:Password`, each part is a name. */
  hides(name: string): boolean
  /** The same for a parameter of a form. */
  hidesParameter(name: string): boolean
  readonly pointers: PointerNode
  /**
   * Hides secrets in a text of which nothing else is known: what follows a hidden name up to the end of its line, and
   * what looks like a secret.
   */
  hideIn(text: string): string
  /** What the log itself cuts out of a text. */
  redactText(text: string): string
}

/** What a body became: the text, and how much of the body it stands for. */
export interface Masked {
  readonly text: string
  /** `all`; `start` where the rest was not there or was left out; `broken` where the form is wrong from there on. */
  readonly covers: 'all' | 'start' | 'broken'
}

const partOfName = /[.:[\]]/

/** @param hidesText what other policies of the route cut out of a text */
export function createMask(
  entries: readonly string[],
  redactor: Redactor,
  hidesText: readonly ((text: string) => string)[] = [],
): Mask {
  const names = new Set(entries.filter((entry) => !entry.startsWith('/')).map((name) => name.toLowerCase()))
  const pointers = entries.flatMap((entry) => {
    const pointer = parsePointer(entry)
    return pointer === null ? [] : [pointer]
  })
  const hides = hiddenBy((name) => names.has(name.toLowerCase()) || redactor.isSecretName(name))
  const hidesParameter = hiddenBy((name) => names.has(name.toLowerCase()) || redactor.isSecretParameter(name))

  const redactText = (text: string) => redactor.redactText(hidesText.reduce((clean, hide) => hide(clean), text))

  return {
    hides,
    hidesParameter,
    pointers: createPointerTree(pointers),
    hideIn: (text) => (text.length < 3 ? text : redactText(hideNamedValues(text, hides))),
    redactText,
  }
}

function hiddenBy(isSecret: (name: string) => boolean): (name: string) => boolean {
  return (name) => isSecret(name) || (partOfName.test(name) && name.split(partOfName).some(isSecret))
}
