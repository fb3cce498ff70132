/** What a reader is to do, and what a page says will then be seen. */
export interface PageStep {
  /** The line of the page, counted from 1. */
  readonly line: number
  readonly language: string
  readonly text: string
  /** Null where the page does not show what comes out. */
  readonly expected: string | null
}

/** The fenced blocks of a page in their order; a `text` block is what the one before it prints. */
export function readSteps(page: string): PageStep[] {
  const steps: PageStep[] = []
  for (const match of page.matchAll(/^```(\w*)[^\n]*\n([\s\S]*?)^```$/gm)) {
    const [, language = '', text = ''] = match
    const line = page.slice(0, match.index).split('\n').length
    const last = steps.at(-1)
    if (language !== 'text') steps.push({ line, language, text, expected: null })
    else if (last !== undefined && last.expected === null) steps[steps.length - 1] = { ...last, expected: text }
  }
  return steps
}

/** The output that a page shows, as a pattern: `…` stands for the rest of a line or, alone, for any number of lines. */
export function toOutputPattern(expected: string): RegExp {
  const lines = expected.trimEnd().split('\n')
  const patterns = lines.map((line) => {
    if (line === '…') return '(?:.*\\n)*?'
    const parts = line.split('…').map((part) => RegExp.escape(part).replace(/(?:\\x20| ){2,}/g, ' +'))
    return `${parts.join('.*')}\\n`
  })
  return new RegExp(`^${patterns.join('')}$`)
}

/** Output as it is compared: without blanks at the ends of lines, and whole lines only. */
export function toComparable(output: string): string {
  return `${output.replace(/[ \t\r]+$/gm, '').trim()}\n`
}
