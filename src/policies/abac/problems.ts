import type { FileProblem } from '../../core/policy.ts'

/** What the engine says of a text. */
interface EngineError {
  readonly message: string
  readonly help: string | null
  readonly sourceLocations?: readonly { readonly start: number; readonly label: string | null }[]
}

export function toProblems(file: string, text: string, errors: readonly EngineError[]): FileProblem[] {
  return errors.map(({ message, help, sourceLocations = [] }) => {
    const [place] = sourceLocations
    const words = [message, ...(place?.label ? [place.label] : [])].join(': ')
    const at = place === undefined ? { line: null, column: 1 } : atByte(text, place.start)
    return { file, ...at, message: words, hint: help }
  })
}

/** The engine counts bytes of UTF-8; people count characters. */
export function atByte(text: string, byte: number): { readonly line: number; readonly column: number } {
  return atIndex(text, Buffer.from(text).subarray(0, byte).toString().length)
}

export function atIndex(text: string, index: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, Math.max(index, 0))
  const start = before.lastIndexOf('\n') + 1
  return { line: before.split('\n').length, column: before.length - start + 1 }
}
