import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultThreshold, type Finding, type InjectionClass, injectionClasses } from '../../src/injection/finding.ts'
import { judgeName, judgeText } from '../../src/injection/judge-text.ts'
import { judgeUrl } from '../../src/injection/ssrf.ts'
import { checkAddress } from '../../src/outbound/address-check.ts'
import { mutations } from './mutations.ts'

/** `name` is a parameter's or member's name, `url` the value of a field that holds URLs. */
export interface Sample {
  readonly kind: 'value' | 'name' | 'url'
  readonly text: string
}

const asked = { classes: new Set<InjectionClass>(injectionClasses), threshold: defaultThreshold }

export function judgeSample({ kind, text }: Sample): Finding | null {
  if (kind === 'name') return judgeName(text, asked)
  if (kind === 'url') return judgeUrl(text, (address) => checkAddress(address) === 'public').finding
  return judgeText(text, asked)
}

/** The attacks of a class, as they are written and mutated, without repetitions. */
export function hostileSamples(kind: InjectionClass): readonly Sample[] {
  const seeds = readLines(join(import.meta.dirname, 'hostile', `${kind}.txt`)).map(toSample)
  const all = seeds.flatMap((seed) => mutations[kind].map((mutate) => ({ ...seed, text: mutate(seed.text) })))
  return [...new Map(all.map((one) => [`${one.kind} ${one.text}`, one])).values()]
}

/** What honest people send, by file: `prose-german`, `code` … */
export function honestTexts(folder: string): ReadonlyMap<string, readonly string[]> {
  const path = join(import.meta.dirname, folder)
  return new Map(
    readdirSync(path)
      .filter((name) => name.endsWith('.txt'))
      .map((name) => [name.slice(0, -4), readLines(join(path, name))]),
  )
}

function toSample(line: string): Sample {
  const text = readMarks(line)
  if (text.startsWith('name: ')) return { kind: 'name', text: text.slice(6) }
  return text.startsWith('url: ') ? { kind: 'url', text: text.slice(5) } : { kind: 'value', text }
}

/** One sample a line; `{LF}` and its like stand for what cannot stand in a line. */
function readLines(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').filter(Boolean).map(readMarks)
}

function readMarks(line: string): string {
  return line
    .replaceAll('{CR}', '\r')
    .replaceAll('{LF}', '\n')
    .replaceAll('{TAB}', '\t')
    .replaceAll('{NUL}', '\0')
    .replaceAll('{ESC}', '\u001b')
}
