export interface Line {
  /** Counted from 1. */
  readonly number: number
  readonly text: string
}

/** What cannot be a line of text. */
export class LineError extends Error {
  override readonly name = 'LineError'
}

const maxLineLength = 65_536

/** Splits UTF-8 into lines, of which none is held before it is there whole; lines that are too long end it. */
export async function* readLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  let number = 0
  for await (const bytes of input) {
    const lines = (rest + decode(decoder, bytes)).split('\n')
    rest = lines.pop() as string
    for (const line of lines) yield toLine(++number, line)
    checkLength(rest)
  }
  rest += decode(decoder)
  if (rest !== '') yield toLine(++number, rest)
}

function toLine(number: number, line: string): Line {
  checkLength(line)
  return { number, text: line.endsWith('\r') ? line.slice(0, -1) : line }
}

function checkLength(line: string): void {
  if (line.length > maxLineLength) throw new LineError(`a line is longer than ${maxLineLength} characters`)
}

function decode(decoder: TextDecoder, bytes?: Uint8Array): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
  } catch {
    throw new LineError('it is not UTF-8')
  }
}
