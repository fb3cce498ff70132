import type { Report } from './finding.ts'

const javaNames =
  /["'@](?:com\.sun\.|org\.apache\.|java\.(?:util|lang|net|rmi)\.|javax\.(?:script|naming|management)\.|org\.springframework\.|ch\.qos\.logback|com\.mchange|org\.hibernate)/

/** Whether the text begins as serialised objects do that hold no suspicious character. */
export function beginsObject(text: string): boolean {
  const start = leading(text)
  switch (text.charCodeAt(start)) {
    case 0x72:
    case 0x61:
    case 0x41:
    case 0x67:
    case 0x42:
    case 0x63:
      return marks.some((mark) => text.startsWith(mark, start))
    default:
      return false
  }
}

/** Each begins with a letter that `beginsObject` knows. */

const marks = ['rO0A', 'aced', 'ACED', 'AAEA', 'gASV', 'BAhv', 'cos\n', 'cpos', 'csub', 'c__b', 'cbui']

/** Serialised objects of languages that run code while they read them. `original` keeps its case: Base64 needs it. */
export function judgeObject(text: string, original: string, report: Report): void {
  const start = leading(original)
  if (original.startsWith('rO0AB', start) || original.startsWith('H4sIAAAAAAAA', start)) {
    report('object', 'object-java', original.startsWith('r', start) ? 8 : 2)
  }
  if (original.startsWith('\u00ac\u00ed\u0000\u0005', start)) report('object', 'object-java', 9)
  if (original.startsWith('aced0005', start) || original.startsWith('ACED0005', start))
    report('object', 'object-java', 8)
  if (original.startsWith('AAEAAAD/////', start)) report('object', 'object-dotnet', 9)
  if (original.startsWith('gASV', start) && original.startsWith('AAAAAA', start + 6))
    report('object', 'object-python', 8)
  if (text.startsWith('cos\n') || /^c(?:os|posix|subprocess|__builtin__|builtins)\n/.test(text.slice(0, 20))) {
    report('object', 'object-python', 8)
  }
  if (/^BAh[bvIJ7][A-Za-z0-9+/]*[:o]?/.test(original.slice(start, start + 12)) && original.startsWith('BAhvO', start)) {
    report('object', 'object-ruby', 7)
  }
  if (text.includes('_$$nd_func$$_')) report('object', 'object-node', 9)
  if (text.includes('!!') || text.includes('!ruby/') || text.includes('!<tag:')) judgeYaml(text, report)
  judgePhp(text, report)
  if (text.includes('$type') && /"\$type"\s?:\s?"(?:system\.|microsoft\.)/.test(around(text, '"$type"'))) {
    report('object', 'object-dotnet', 8)
  }
  if (text.includes('@type') && javaNames.test(around(text, '@type'))) report('object', 'object-java', 8)
  if (text.startsWith('["') && javaNames.test(text.slice(0, 60))) report('object', 'object-java', 7)
}

/** `__proto__`, `a[__proto__][b]`, `constructor.prototype`: names that change every object of a program in JavaScript. */
export function judgePrototypeName(name: string, report: Report): void {
  if (/(?:^|[.[])__proto__(?:$|[.\]])/.test(name) || /(?:^|[.[])constructor\]?[.[]prototype(?:$|[.\]])/.test(name)) {
    report('object', 'object-prototype', 8)
  }
}

function judgeYaml(text: string, report: Report): void {
  const marks = [
    '!!python/',
    '!!javax.',
    '!!java.',
    '!!com.sun.',
    '!!org.',
    '!ruby/object',
    '!ruby/hash',
    '!!js/function',
    '!!perl/',
  ]
  if (marks.some((mark) => text.includes(mark))) report('object', 'object-yaml', 7)
}

/** `O:8:"stdClass":1:{`, also within an array, and `a:1:{i:0;O:…`. */
function judgePhp(text: string, report: Report): void {
  let tries = 0
  for (let at = text.indexOf(':"'); at !== -1 && tries < 16; at = text.indexOf(':"', at + 2), tries++) {
    const head = text.slice(Math.max(0, at - 8), at)
    const rest = text.slice(at, at + 80)
    if (/(?:^|[;{:\s"'])[oc]:\+?\d{1,4}$/.test(head) && /^:"[\w\\]{1,60}":\d{1,4}:\{/.test(rest)) {
      report('object', 'object-php', 8)
      return
    }
  }
}

function around(text: string, mark: string): string {
  const at = text.indexOf(mark)
  return at === -1 ? '' : text.slice(at, at + 120)
}

function leading(text: string): number {
  let i = 0
  while (i < 16 && (text.charCodeAt(i) <= 0x20 || text[i] === '"')) i++
  return i
}
