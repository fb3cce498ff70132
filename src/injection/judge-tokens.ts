import type { Report } from './finding.ts'
import { judgeScriptBreak } from './script-break.ts'
import { judgeSqlAnywhere, judgeSqlBreak } from './sql.ts'
import { number, open, operator, Tokens } from './tokens.ts'
import { select } from './words.ts'

/** Judging never waits, so one set of tables serves every text. */
const tokens = new Tokens()

/** Everything that begins at a quote, at a number that stands first, or with words of SQL, until it is enough. */
export function judgeTokens(text: string, report: Report, isEnough: () => boolean): void {
  const t = tokens
  t.begin(text)
  let isPasted = false
  while (t.advance()) {
    if (t.isFirst) judgeStart(t, report)
    for (let i = 0; i < t.reach; i++) {
      if (t.breaks[i] === 1) {
        judgeSqlBreak(t, i + 1, false, report)
        judgeScriptBreak(t, i + 1, false, report)
      }
      judgeSqlAnywhere(t, i, isPasted, report)
      if (isEnough()) return
      // Somebody shows a query; one that was injected begins in brackets or behind `union`.
      if (!isPasted && ((t.meanings[i] as number) & select) !== 0) isPasted = i === 0 || t.kinds[i - 1] !== open
    }
  }
}

/** A number that is put into a query without quotes needs none to be left. */
function judgeStart(t: Tokens, report: Report): void {
  const at = t.kinds[0] === operator ? 1 : 0
  if (t.kinds[at] !== number) return
  judgeSqlBreak(t, at + 1, true, report)
  judgeScriptBreak(t, at + 1, true, report)
}
