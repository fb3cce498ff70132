import { formatRows } from '../format-rows.ts'
import { toPrintable } from '../printable.ts'
import type { RevocationView } from './revocation-view.ts'

const columns: readonly [title: string, read: (view: RevocationView) => string][] = [
  ['KIND', ({ kind }) => kind],
  ['VALUE', ({ value }) => value],
  ['ISSUER', ({ issuer }) => issuer],
  ['REVOKED', ({ revokedAt }) => toMinute(revokedAt)],
  ['ENDS', ({ endsAt }) => toMinute(endsAt)],
  ['REASON', ({ reason }) => reason ?? '-'],
]

/** One line per revocation under a line of titles. */
export function formatRevocations(views: readonly RevocationView[]): string {
  return formatRows(
    columns.map(([title]) => title),
    views.map((one) => columns.map(([, read]) => read(one))),
  )
}

const what = {
  token: (value: string) => `The token ${value}`,
  session: (value: string) => `Every token of the session ${value}`,
  subject: (value: string) => `Every token that ${value} was given until now`,
  client: (value: string) => `Every token that the client ${value} was given until now`,
} as const

/** What was done, in a sentence. */
export function formatRevocation({ kind, value, issuer, endsAt }: RevocationView, already: boolean): string {
  const subject = toPrintable(`${what[kind](value)} by ${issuer}`)
  const revoked = already ? 'was revoked before, and stays so' : 'is revoked'
  return `${subject} ${revoked}. It is kept on the list until ${toMinute(endsAt)}.`
}

function toMinute(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)}Z`
}
