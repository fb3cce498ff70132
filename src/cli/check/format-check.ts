import type { Notice, Snapshot } from '../../config/snapshot.ts'
import type { Finding } from './finding.ts'

const headings: readonly (readonly [Notice['kind'], string])[] = [
  ['unsafe', 'Unsafe'],
  ['loosened', 'Looser than inherited'],
  ['exempted', 'Exempted'],
  ['observed', 'Observed only'],
  ['public', 'Public'],
]

/** What a person should know of a policy file that is right. */
export function formatCheck(file: string, snapshot: Snapshot, findings: readonly Finding[]): string {
  const { routes, upstreams, notices } = snapshot
  const parts = headings.flatMap(([kind, heading]) => {
    const lines = notices.filter((notice) => notice.kind === kind).map(formatNotice)
    return lines.length === 0 ? [] : [`${heading}:\n${lines.join('\n')}`]
  })
  if (findings.length > 0) {
    parts.push(`Referred to:\n${findings.map(({ severity, text }) => `  ${severity}: ${text}`).join('\n')}`)
  }
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`
  const verdict = findings.some(({ severity }) => severity === 'error') ? 'found faults' : 'valid'
  const sizes = `${count(routes.length, 'route')}, ${count(Object.keys(upstreams).length, 'upstream')}`
  return [...parts, `${file}: ${verdict}, ${sizes}`].join('\n\n')
}

function formatNotice({ text, reason, position }: Notice): string {
  const line = position === null ? '' : `line ${position.line}: `
  return `  ${line}${text}${reason === null ? '' : ` (${reason})`}`
}
