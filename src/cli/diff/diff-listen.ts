import type { Listen } from '../../config/snapshot.ts'
import { isSame } from '../../config/stable-json.ts'
import { isLoopbackHost } from '../../core/address.ts'
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
  admin: ({ admin: before }, { admin: after }) => compare(exposure(before), exposure(after)),
}

/** More of what is dangerous weakens. */
function compare(before: number, after: number): Change['effect'] {
  return after > before ? 'weakens' : after < before ? 'tightens' : 'changes'
}

/** Read by this machine only, by others, or by whoever is on the way to them. */
function exposure(admin: Listen['admin']): number {
  if (admin === null || isLoopbackHost(admin.host)) return 0
  return admin.certificates === null ? 2 : 1
}
