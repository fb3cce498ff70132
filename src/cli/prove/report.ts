import type { Notice } from '../../config/snapshot.ts'
import type { ProbeResult } from '../../scanner/result.ts'
import { explainResults, summarise, toTable } from '../../scanner/table.ts'
import { formatNotices } from '../format-notices.ts'

/** What was tried and what came of it, and what the file allows by itself, which nothing here can prove wrong. */
export function toReport(results: readonly ProbeResult[], notices: readonly Notice[]): string {
  const explained = explainResults(results)
  return [
    toTable(results),
    ...formatNotices(notices),
    ...(explained.length === 0 ? [] : [explained.join('\n')]),
    summarise(results),
  ].join('\n\n')
}
