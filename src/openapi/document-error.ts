import type { FileProblem } from '../core/policy.ts'
import { type Location, toLocationText } from './location.ts'

/** Both count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

interface Extra {
  /** What to do about it. */
  readonly hint?: string | null
  /** Known at once where a text cannot be parsed; found through the pointer elsewhere. */
  readonly position?: Position
}

/** Something in a document that is wrong, or that no contract can be made of. */
export class DocumentError extends Error {
  readonly at: Location
  readonly #said: string
  readonly #extra: Extra

  constructor(at: Location, message: string, extra: Extra = {}) {
    super(`${toLocationText(at)}: ${message}`)
    this.at = at
    this.#said = message
    this.#extra = extra
  }

  /** @param positionOf finds lines, where the text is at hand */
  toProblem(positionOf: (at: Location) => Position | null): FileProblem {
    const position = this.#extra.position ?? positionOf(this.at)
    const place = this.at.tokens.length === 0 ? '' : `${toLocationText({ ...this.at, file: '' })}: `
    return {
      file: this.at.file,
      line: position?.line ?? null,
      column: position?.column ?? 1,
      message: `${place}${this.#said}`,
      hint: this.#extra.hint ?? null,
    }
  }
}
