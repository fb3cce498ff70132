import { stripTypeScriptTypes } from 'node:module'
import { blankNonCode } from './blank.ts'

export type Import = {
  readonly specifier: string
  readonly line: number
  /** Erased when types are stripped, so that nothing is loaded because of it. */
  readonly typeOnly: boolean
}

const name = String.raw`[\w$]+`
const named = String.raw`\{[^{}]*\}`
const everything = String.raw`\*\s*as\s+${name}`
const opens = String.raw`(?=['"\`])`

// `import a, { b } from '…'`, `import '…'`, `export * from '…'`, `import('…')` as a value or as a type, and a file that
// is named by its address, as workers are: `new URL('…', import.meta.url)`.
const forms = [
  String.raw`import\s+(?:type\s+)?(?:${name}\s*(?:,\s*)?)?(?:${named}|${everything})?\s*from\s*${opens}`,
  String.raw`import\s*${opens}`,
  String.raw`export\s+(?:type\s+)?(?:${named}|\*(?:\s*as\s+${name})?)\s*from\s*${opens}`,
  String.raw`import\s*\(\s*${opens}`,
  String.raw`new\s+URL\s*\(\s*${opens}(?=.[^'"\`]*.\s*,\s*import\.meta\.url)`,
]
const importing = new RegExp(String.raw`(?<![\w$.])(?:${forms.join('|')})`, 'g')

/** What a TypeScript file imports. Throws a SyntaxError where Node could not run the file. */
export function scanImports(source: string): Import[] {
  // Leaves everything where it was, so that an import is type-only exactly if its place is blank afterwards.
  const runnable = stripTypeScriptTypes(source)
  const code = blankNonCode(source)
  return [...code.matchAll(importing)]
    .map((match) => ({
      specifier: textOfLiteral(source, match.index + match[0].length),
      line: source.slice(0, match.index).split('\n').length,
      typeOnly: runnable.slice(match.index, match.index + 3).trim() === '',
      isAddress: match[0].startsWith('new'),
    }))
    .filter(({ specifier, isAddress }) => !isAddress || /^\.{1,2}\/.*\.[cm]?[jt]s$/.test(specifier))
    .map(({ specifier, line, typeOnly }) => ({ specifier, line, typeOnly }))
}

function textOfLiteral(source: string, start: number): string {
  return source.slice(start + 1, source.indexOf(source[start] ?? '', start + 1))
}
