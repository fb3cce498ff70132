import type { Report } from './finding.ts'

/** Operators of MongoDB and its like. Those of OData, JSON Schema and GraphQL (`$filter`, `$ref`) are others. */
const operators = new Set(
  [
    '$ne',
    '$eq',
    '$gt',
    '$gte',
    '$lt',
    '$lte',
    '$in',
    '$nin',
    '$and',
    '$or',
    '$nor',
    '$not',
    '$exists',
    '$type',
    '$expr',
  ]
    .concat([
      '$regex',
      '$options',
      '$text',
      '$where',
      '$mod',
      '$all',
      '$elemmatch',
      '$size',
      '$function',
      '$accumulator',
    ])
    .concat([
      '$lookup',
      '$unionwith',
      '$jsonschema',
      '$comment',
      '$near',
      '$geowithin',
      '$rand',
      '$slice',
      '$set',
      '$inc',
    ])
    .concat(['$unset', '$push', '$pull', '$rename', '$out', '$merge']),
)
/** JSON Schema and others know them as well, so as a member's name they say little. */
const shared = new Set(['$comment', '$type', '$text', '$merge', '$set', '$size', '$all', '$options'])

/** A member's or parameter's name: `$ne`, `a[$ne]`, `a.$gt`. `name` is in lower case. */
export function judgeOperatorName(name: string, report: Report): void {
  let tries = 0
  for (let at = name.indexOf('$'); at !== -1 && tries < 8; at = name.indexOf('$', at + 1), tries++) {
    if (at > 0 && name[at - 1] !== '[' && name[at - 1] !== '.') continue
    let end = at + 1
    while (end < at + 16 && isLetter(name.charCodeAt(end))) end++
    const after = name[end]
    if (after !== undefined && after > ' ' && after !== ']' && after !== '.' && after !== '[') continue
    const operator = name.slice(at, end)
    if (operators.has(operator)) report('nosql', 'nosql-operator', shared.has(operator) && at === 0 ? 4 : 8)
  }
}

/** A value that is an object with operators as a whole, for programs that parse it. */
export function judgeOperatorText(text: string, report: Report): void {
  if (/^(?:true|false|\d{1,20})?[\s,'"}]{0,20}\$where['"]?\s{0,4}:/.test(text)) report('nosql', 'nosql-operator', 7)
  const start = text.search(/\S/)
  if (text[start] !== '{' && text[start] !== '[') return
  let tries = 0
  for (let at = text.indexOf('$', start); at !== -1 && tries < 32; at = text.indexOf('$', at + 1), tries++) {
    let before = at - 1
    if ('"\''.includes(text[before] as string)) before--
    while (before > at - 8 && text.charCodeAt(before) <= 0x20) before--
    if (text[before] !== '{' && text[before] !== ',') continue
    let end = at + 1
    while (end < at + 16 && isLetter(text.charCodeAt(end))) end++
    const operator = text.slice(at, end)
    if (operators.has(operator) && /^["']?\s?:/.test(text.slice(end, end + 3))) {
      report('nosql', 'nosql-operator', shared.has(operator) ? 4 : 7)
    }
  }
}

function isLetter(code: number): boolean {
  return code >= 0x61 && code <= 0x7a
}
