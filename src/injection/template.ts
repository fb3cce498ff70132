import type { Report } from './finding.ts'

/** The most of one expression that is looked at. */
const longest = 300

/** What no template of an honest person names: the way from a value to the program around it. */
const reaching = [
  ['__class__', '__globals__', '__mro__', '__subclasses__', '__init__', '__import__', '__builtins__', '__base__'],
  ['.constructor', "['constructor']", '["constructor"]', 'getclass(', 'java.lang', 'getruntime', 'processbuilder'],
  ['freemarker.template', '?new(', 't(java', 'scriptengine', 'child_process', 'process.mainmodule', 'getattribute'],
].flat()

/** The same, where code that people paste may hold it too: it counts between brackets that only templates have. */
const calling = [
  ['request.application', 'lipsum.', 'cycler.', 'joiner.', '_self.', 'registerundefined', "filter('sys", '|system'],
  ["map('sys", 'map("sys', 'popen(', 'subprocess', 'system(', 'exec(', 'passthru(', 'shell_exec', 'process.binding'],
  ['global.process', 'globalthis', 'file.open', 'io.popen', 'io.read', 'file.read', 'dir.entries', 'dir.glob', '%x('],
  [
    'kernel.',
    'secret_key',
    'config.from',
    'config.items',
    'get_flashed',
    '|attr(',
    'eval(',
    '.execute(',
    'app.request',
  ],
  ['.class.', '.env.'],
].flat()

const openings: readonly (readonly [open: string, close: string, operators: string, isTemplate: boolean])[] = [
  ['{{', '}}', '*+-', true],
  ['${', '}', '*', false],
  ['#{', '}', '*', true],
  ['*{', '}', '*', true],
  ['@{', '}', '*', true],
  ['<%', '%>', '*', true],
  ['{%', '%}', '*', true],
  ['@(', ')', '*', false],
  ['%{', '}', '*', true],
  ['[[', ']]', '*', true],
  ['<#', '>', '*', true],
]

type Opening = (typeof openings)[number]

const openingsByFirst: readonly (readonly Opening[] | undefined)[] = openings.reduce<Opening[][]>((index, one) => {
  const first = one[0].charCodeAt(0)
  index[first] = [...(index[first] ?? []), one]
  return index
}, new Array(128))

function openingAt(text: string, at: number): Opening | null {
  const found = openingsByFirst[text.charCodeAt(at)]
  if (found === undefined) return null
  const next = text[at + 1]
  for (const one of found) if (one[0][1] === next) return one
  return null
}

/** Expressions of template engines that compute something to see whether it is run, or that reach out of the template. */
export function judgeTemplate(text: string, report: Report): void {
  let openAt = -1
  let opening = openings[0] as Opening
  for (let at = 0; at < text.length; at++) {
    const found = openingAt(text, at)
    if (found !== null) {
      if (found[0] === '${') judgeLookup(text, at, report)
      opening = found
      openAt = at++
      continue
    }
    if (openAt === -1) continue
    if (text.startsWith(opening[1], at)) {
      if (isArithmetic(text.slice(openAt + 2, Math.min(at, openAt + 44)), opening[2])) {
        report('template', 'template-arithmetic', 7)
      }
      // A bracket within the expression ends it too early; what follows is looked at a little longer.
      if (opening[3] || at - openAt > 20) openAt = opening[1].length === 1 ? openAt : -1
    } else if (at - openAt > longest) openAt = -1
    else if (startsWithAny(text, at, reachingByFirst)) report('template', 'template-reach', 8)
    else if (opening[3] && startsWithAny(text, at, callingByFirst)) report('template', 'template-reach', 7)
  }
  // OGNL, as Struts evaluates it.
  if (/[%$]\{\s{0,4}\(#[a-z_]|%\{\s{0,4}#[a-z_]/.test(text)) report('template', 'template-reach', 8)
  if (text.includes('{php}')) report('template', 'template-directive', 8)
  const set = text.indexOf('#set')
  if (set !== -1 && /^#set\s?\(\s?\$/.test(text.slice(set, set + 9)) && isHot(text.slice(set, set + longest))) {
    report('template', 'template-directive', 8)
  }
}

const isHot = (directive: string) => /class|runtime|\d\*\d|inspect/.test(directive)

/** What a web server or a proxy puts into pages: server-side includes and edge-side includes. */
export function judgeInclude(text: string, report: Report): void {
  const at = text.indexOf('<!--#')
  if (
    at !== -1 &&
    /^<!--#\s?(?:exec\s+cmd|include\s+(?:virtual|file)|printenv|echo\s+var)/.test(text.slice(at, at + 40))
  ) {
    report('template', 'template-include', 8)
  }
  const edge = text.indexOf('<esi:')
  if (edge !== -1 && /^<esi:(?:include|inline|vars|eval|assign)[\s/>]/.test(text.slice(edge, edge + 20))) {
    report('template', 'template-include', 7)
  }
}

/** `${jndi:…`, and what hides it: `${${lower:j}ndi:…`, `${${::-j}…`, `${${env:X:-j}ndi…` */
function judgeLookup(text: string, at: number, report: Report): void {
  const body = text.slice(at + 2, at + 40)
  // Lookups of Commons Text, which run what they are given or ask a server.
  if (/^(?:script:[a-z]+:|dns:[a-z]*\|?|url:utf-8:)/.test(body)) report('template', 'template-lookup', 8)
  if (body.startsWith('jndi:') || /^[a-z:.-]{0,12}\$\{(?:lower:|upper:|::-|env:|sys:|date:)/.test(body)) {
    report('log', 'log-lookup', 9)
  }
}

/** `7*7`, `7*'7'`, `= 7 * 7`: two numbers and nothing else. */
function isArithmetic(inner: string, operators: string): boolean {
  const found = /^[=\s-]{0,4}['"]?\d{1,12}['"]?\s{0,4}([*+-])\s{0,4}['"]?\d{1,12}['"]?\s{0,4}$/.exec(inner)
  return found !== null && operators.includes(found[1] as string)
}

type ByFirst = readonly (readonly string[] | undefined)[]

const reachingByFirst = toIndex(reaching)
const callingByFirst = toIndex(calling)

function toIndex(words: readonly string[]): ByFirst {
  const index: string[][] = new Array(128)
  for (const one of words) {
    const first = one.charCodeAt(0)
    index[first] = [...(index[first] ?? []), one]
  }
  return index
}

function startsWithAny(text: string, at: number, index: ByFirst): boolean {
  const words = index[text.charCodeAt(at)]
  if (words === undefined) return false
  for (const one of words) if (text.startsWith(one, at)) return true
  return false
}
