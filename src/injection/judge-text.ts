import { toViews } from './canonical.ts'
import { judgeFilter } from './filters.ts'
import type { Finding, InjectionClass, Report } from './finding.ts'
import { judgeTokens } from './judge-tokens.ts'
import { judgeLines } from './lines.ts'
import { judgeOperatorName, judgeOperatorText } from './nosql.ts'
import { beginsObject, judgeObject, judgePrototypeName } from './objects.ts'
import { judgePath } from './path.ts'
import { judgeShell } from './shell.ts'
import { judgeUrlText } from './ssrf.ts'
import {
  mayAddress,
  mayAttribute,
  mayBreak,
  mayCommand,
  mayFilter,
  mayLines,
  mayMarkup,
  mayNumber,
  mayObject,
  mayPath,
  mayQuery,
  mayTemplate,
  suspect,
} from './suspicion.ts'
import { judgeInclude, judgeTemplate } from './template.ts'
import { judgeXml } from './xml.ts'
import { judgeAttributeBreak, judgeMarkup } from './xss.ts'
import { judgeAddress, judgeMarkdownAddress } from './xss-attribute.ts'

let classes: ReadonlySet<InjectionClass> = new Set()
let enough = 0
let worst: Finding | null = null

/** Judging never waits, so one place for what was seen serves every text, and nothing is made for those that pass. */
const report: Report = (kind, rule, score) => {
  if ((worst === null || score > worst.score) && classes.has(kind)) worst = { class: kind, rule, score }
}

const isEnough = () => worst !== null && worst.score >= enough

/** What is looked for, and from which score on nothing more has to be. */
export interface Asked {
  readonly classes: ReadonlySet<InjectionClass>
  readonly threshold: number
}

/** What a value looks like, of the classes asked for; null where it looks like nothing. Time is linear. */
export function judgeText(text: string, asked: Asked): Finding | null {
  const bits = suspect(text) | suspectHead(text)
  if (bits === 0) return null
  begin(asked)
  judgeViews(text, bits)
  return worst
}

/** The same of the name of a parameter or member. */
export function judgeName(name: string, asked: Asked): Finding | null {
  const bits = suspect(name)
  if (bits === 0 && !name.includes('__proto__') && !name.includes('constructor')) return null
  begin(asked)
  for (const view of toViews(name, bits)) {
    judgeOperatorName(view.toLowerCase(), report)
    judgePrototypeName(view, report)
  }
  judgeViews(name, bits)
  return worst
}

function begin(asked: Asked): void {
  classes = asked.classes
  enough = asked.threshold
  worst = null
}

function judgeViews(text: string, bits: number): void {
  for (const view of toViews(text, bits)) {
    const seen = view === text ? bits : suspect(view) | suspectHead(view)
    const lower = view.toLowerCase()
    for (const [bit, detect] of detectors) {
      if ((seen & bit) === 0) continue
      detect(lower, report, view, seen)
      if (isEnough()) return
    }
  }
}

type Detect = (text: string, report: Report, original: string, bits: number) => void

/** Which detector starts from what: the cheap ones first. */
const detectors: readonly (readonly [bit: number, detect: Detect])[] = [
  [mayLines, judgeLines],
  [mayPath, judgePath],
  [mayCommand, judgeShell],
  [mayFilter, judgeFilter],
  [mayObject, (text, to, original) => judgeObject(text, original, to)],
  [mayMarkup, detectMarkup],
  [mayAttribute, detectAttribute],
  [mayAddress, detectAddress],
  [mayTemplate, detectTemplate],
  [mayBreak | mayQuery | mayNumber, detectQuery],
]

function detectMarkup(text: string, to: Report): void {
  judgeMarkup(text, to)
  judgeInclude(text, to)
  if (text.includes('<!') || text.includes('nclude') || text.startsWith('<?')) judgeXml(text, to)
}

function detectAttribute(text: string, to: Report): void {
  if (text.includes('on')) judgeAttributeBreak(text, to)
}

/** An address begins with its scheme, and few schemes are of interest. */
function detectAddress(text: string, to: Report): void {
  if (text.includes('](')) judgeMarkdownAddress(text, to)
  let at = 0
  while (at < 8 && text.charCodeAt(at) <= 0x20) at++
  if (!schemeInitials.includes(text[at] ?? '-')) return
  if (text[at] !== 'h') judgeAddress(text, to)
  judgeUrlText(text, to)
}

const schemeInitials = 'jvdxghltn'

function detectTemplate(text: string, to: Report): void {
  judgeTemplate(text, to)
  if (text.includes('$')) judgeOperatorText(text, to)
}

/** Without a quote, a query goes on from a number that stands first, or has words of its own. */
function detectQuery(text: string, to: Report, _original: string, bits: number): void {
  const goesOn = (bits & mayBreak) !== 0 || ((bits & mayNumber) !== 0 && (bits & mayQuery) !== 0)
  if (goesOn || queryWords.test(text)) judgeTokens(text, to, isEnough)
}

const queryWords =
  /select|drop|delete|insert|truncate|union|order|sleep|benchmark|extractvalue|updatexml|load_file|xp_|dbms_|utl_/

/** What begins without any suspicious character: a number that a query goes on from, a serialised object in Base64. */
function suspectHead(text: string): number {
  const code = text.charCodeAt(0)
  const isNumber = (code >= 0x30 && code <= 0x39) || code === 0x2d
  return (isNumber && text.length > 6 ? mayNumber : 0) | (beginsObject(text) ? mayObject : 0)
}
