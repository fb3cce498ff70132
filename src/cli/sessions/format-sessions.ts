import { formatRows } from '../format-rows.ts'
import type { SessionView } from './session-view.ts'

const columns: readonly [title: string, read: (session: SessionView) => string][] = [
  ['ID', ({ id }) => id],
  ['TYPE', ({ type }) => type],
  ['PRINCIPAL', ({ principal }) => principal],
  ['ISSUER', ({ issuer }) => issuer],
  ['STATUS', ({ status }) => status],
  ['SINCE', ({ createdAt }) => toMinute(createdAt)],
  ['LAST SEEN', ({ lastSeenAt }) => toMinute(lastSeenAt)],
  ['ADDRESS', ({ address }) => address ?? '-'],
  ['BROWSER', ({ userAgent }) => (userAgent ?? '-').slice(0, 60)],
]

/** One line per session under a line of titles. */
export function formatSessions(sessions: readonly SessionView[]): string {
  return formatRows(
    columns.map(([title]) => title),
    sessions.map((one) => columns.map(([, read]) => read(one))),
  )
}

function toMinute(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)}Z`
}
