import type { Listen } from '../../config/snapshot.ts'
import { isSame } from '../../config/stable-json.ts'
import { parseAddress } from '../../core/address.ts'
import { type Change, describeDifferences } from './change.ts'

/** What differs in where Portcullis listens. */
export function diffListen(before: Listen, after: Listen): Change[] {
  return (['https', 'http', 'admin'] as const).flatMap((name): Change[] => {
    if (isSame(before[name], after[name])) return []
    const subject = `listen.${name}`
    const effect = judge[name](before, after)
    if (after[name] === null) return [{ effect, subject, text: 'is gone' }]
    if (before[name] === null) return [{ effect, subject, text: `is new: ${describeDifferences({}, after[name])}` }]
    return [{ effect, subject, text: describeDifferences(before[name], after[name]) }]
  })
}

type Judge = (before: Listen, after: Listen) => Change['effect']

const judge: Readonly<Record<keyof Listen, Judge>> = {
  https({ https: before }, { https: after }) {
    if (before === null || after === null) return after === null ? 'weakens' : 'tightens'
    return compare(before.certificates === 'dev' ? 1 : 0, after.certificates === 'dev' ? 1 : 0)
  },
  http: ({ http: before }, { http: after }) =>
    compare(before?.mode === 'serve' ? 1 : 0, after?.mode === 'serve' ? 1 : 0),
  admin: ({ admin: before }, { admin: after }) => compare(exposure(before?.host), exposure(after?.host)),
}

/** More of what is dangerous weakens. */
function compare(before: number, after: number): Change['effect'] {
  return after > before ? 'weakens' : after < before ? 'tightens' : 'changes'
}

function exposure(host: string | undefined): number {
  return host === undefined || host === 'localhost' || parseAddress(host)?.range() === 'loopback' ? 0 : 1
}
