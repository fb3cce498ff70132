import type { Notice } from '../config/snapshot.ts'

const headings: readonly (readonly [Notice['kind'], string])[] = [
  ['unsafe', 'Unsafe'],
  ['loosened', 'Looser than inherited'],
  ['exempted', 'Exempted'],
  ['observed', 'Observed only'],
  ['public', 'Public'],
]

/** What a policy file allows although it weakens, kind by kind, with the reasons that it gives. */
export function formatNotices(notices: readonly Notice[]): string[] {
  return headings.flatMap(([kind, heading]) => {
    const lines = notices.filter((notice) => notice.kind === kind).map(formatNotice)
    return lines.length === 0 ? [] : [`${heading}:\n${lines.join('\n')}`]
  })
}

function formatNotice({ text, reason, position }: Notice): string {
  const line = position === null ? '' : `line ${position.line}: `
  return `  ${line}${text}${reason === null ? '' : ` (${reason})`}`
}
