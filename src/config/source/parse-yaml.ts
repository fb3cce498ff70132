import { Composer, type CST, type Document, Lexer, type LineCounter, Parser } from 'yaml'

/** More than ten thousand routes need; each costs a hundred times its own size while it is read. */
const maxLexemes = 1_500_000

/** The text holds more than any policy file does. */
export class TooLargeError extends Error {}

/** Parses YAML to its first document, with the place where a second one begins. */
export function parseYaml(text: string, lines: LineCounter): { document: Document.Parsed; second: number | null } {
  const documents = new Composer({
    prettyErrors: false,
    logLevel: 'error',
    merge: false,
    // Checked in `readNodes`, where it takes linear time.
    uniqueKeys: false,
  }).compose(readTokens(text, lines), true, text.length)
  const [document, second] = [documents.next(), documents.next()]
  if (document.done) throw new TypeError('YAML always holds a document')
  return { document: document.value, second: second.done ? null : second.value.range[0] }
}

/** As `parseDocument()` of yaml does, but not without end. */
function* readTokens(text: string, lines: LineCounter): Generator<CST.Token> {
  const parser = new Parser(lines.addNewLine)
  lines.addNewLine(0)
  let count = 0
  for (const lexeme of new Lexer().lex(text)) {
    if (++count > maxLexemes) throw new TooLargeError('too many values')
    yield* parser.next(lexeme)
  }
  yield* parser.end()
}
