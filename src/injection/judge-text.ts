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
  hasLetter,
  mayAddress,
  mayAttribute,
  mayBreak,
  mayCommand,
  mayEncode,
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
  if (isPlain(bits)) return null
  begin(asked)
  judgeViews(text, bits)
  return worst
}

/** The same of the name of a parameter or member. */
export function judgeName(name: string, asked: Asked): Finding | null {
  const bits = suspect(name)
  if (isPlain(bits) && !name.includes('__proto__') && !name.includes('constructor')) return null
  begin(asked)
  for (const view of toViews(name, bits)) {
    judgeOperatorName(view.toLowerCase(), report)
    judgePrototypeName(view, report)
  }
  judgeViews(name, bits)
  return worst
}

/** Nothing that a detector starts from, or a number alone: what queries go on with has a sign or a letter. */
function isPlain(bits: number): boolean {
  return (bits & ~hasLetter) === 0 || bits === mayNumber
}

function begin(asked: Asked): void {
  classes = asked.classes
  enough = asked.threshold
  worst = null
}

function judgeViews(text: string, bits: number): void {
  if ((bits & mayEncode) === 0) {
    judgeView(text, bits)
    return
  }
  for (const view of toViews(text, bits)) {
    judgeView(view, view === text ? bits : suspect(view) | suspectHead(view))
    if (isEnough()) return
  }
}

/** The cheap detectors first, each where the text has what it starts from. */
function judgeView(view: string, bits: number): void {
  const text = view.toLowerCase()
  if ((bits & mayLines) !== 0) judgeLines(text, report)
  if ((bits & mayPath) !== 0 && !isEnough()) judgePath(text, report)
  if ((bits & mayCommand) !== 0 && !isEnough()) judgeShell(text, report)
  if ((bits & mayFilter) !== 0 && !isEnough()) judgeFilter(text, report)
  if ((bits & mayObject) !== 0 && !isEnough()) judgeObject(text, view, report)
  if ((bits & mayMarkup) !== 0 && !isEnough()) detectMarkup(text, report)
  if ((bits & mayAttribute) !== 0 && !isEnough()) detectAttribute(text, report)
  if ((bits & mayAddress) !== 0 && !isEnough()) detectAddress(text, report)
  if ((bits & mayTemplate) !== 0 && !isEnough()) detectTemplate(text, report)
  if ((bits & (mayBreak | mayQuery | mayNumber)) !== 0 && !isEnough()) detectQuery(text, report, bits)
}

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
function detectQuery(text: string, to: Report, bits: number): void {
  const goesOn = (bits & mayBreak) !== 0 || ((bits & mayNumber) !== 0 && (bits & mayQuery) !== 0)
  if (goesOn || ((bits & hasLetter) !== 0 && queryWords.test(text))) judgeTokens(text, to, isEnough)
}

const queryWords =
  /select|drop|delete|insert|truncate|union|order|sleep|benchmark|extractvalue|updatexml|load_file|xp_|dbms_|utl_/

/** What begins without any suspicious character: a number that a query goes on from, a serialised object in Base64. */
function suspectHead(text: string): number {
  const code = text.charCodeAt(0)
  const isNumber = (code >= 0x30 && code <= 0x39) || code === 0x2d
  return (isNumber && text.length > 6 ? mayNumber : 0) | (beginsObject(text) ? mayObject : 0)
}
