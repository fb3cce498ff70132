import {
  edges,
  forbiddenCharacters,
  hidesSomething,
  isReservedName,
  isRunnableExtension,
  lookAlikes,
  maxNameBytes,
  mixesScripts,
} from '../../../sanitize/file-name-rules.ts'
import { type Finding, finding } from '../finding.ts'

const letter = /[\p{L}\p{N}]/u

/** The first rule that a file's name breaks; null where every system takes it as what it shows. */
export function checkName(name: string): Finding | null {
  const fault = findFault(name)
  return fault === null ? null : finding('uploads_name', fault[0], fault[1])
}

function findFault(name: string): readonly [rule: string, expected: string] | null {
  if (name === '') return ['name', 'a name']
  if (Buffer.byteLength(name) > maxNameBytes) return ['nameLength', `a name of at most ${maxNameBytes} bytes`]
  if (forbiddenCharacters.test(name))
    return ['nameCharacters', 'a name without control characters and / \\ : * ? " < > |']
  if (hidesSomething(name)) return ['nameCharacters', 'a name without invisible characters or changes of direction']
  if (lookAlikes.test(name)) return ['nameCharacters', 'a name without characters that look like dots or separators']
  if (name !== name.normalize('NFC')) return ['nameForm', 'a name in the composed form of Unicode (NFC)']
  if (mixesScripts(name)) return ['nameScripts', 'words of one script each']
  if (edges.test(name)) return ['nameEnds', 'a name that neither begins nor ends with a dot or a space']
  if (isReservedName(name)) return ['nameReserved', 'a name that Windows does not keep for devices']
  const [stem = '', ...extensions] = name.split('.')
  if (!letter.test(stem)) return ['name', 'a letter or a digit before the extension']
  if (extensions.length === 0) return ['extension', 'a name with an extension']
  if (extensions.slice(0, -1).map(withoutDecoration).some(isRunnableExtension))
    return ['doubleExtension', 'one extension']
  return null
}

/** `asp;` and `php%00` end where some servers stop reading; `php ` and `php~` are what some run or show as well. */
function withoutDecoration(extension: string): string {
  return (extension.split(/[;%]/, 1)[0] as string).replace(/[\s~_]{1,255}$/, '')
}

/** In lower case and without its dot; of `x.tar.gz` it is `gz`. */
export function toExtension(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1).toLowerCase()
}
