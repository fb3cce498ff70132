import type { Snapshot } from '../../config/snapshot.ts'
import { formatNotices } from '../format-notices.ts'
import type { Finding } from './finding.ts'

/** What a person should know of a policy file that is right. */
export function formatCheck(file: string, snapshot: Snapshot, findings: readonly Finding[]): string {
  const { routes, upstreams, notices } = snapshot
  const parts = formatNotices(notices)
  if (findings.length > 0) {
    parts.push(`Referred to:\n${findings.map(({ severity, text }) => `  ${severity}: ${text}`).join('\n')}`)
  }
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`
  const verdict = findings.some(({ severity }) => severity === 'error') ? 'found faults' : 'valid'
  const sizes = `${count(routes.length, 'route')}, ${count(Object.keys(upstreams).length, 'upstream')}`
  return [...parts, `${file}: ${verdict}, ${sizes}`].join('\n\n')
}
