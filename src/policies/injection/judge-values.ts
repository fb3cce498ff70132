import type { Finding, InjectionClass } from '../../injection/finding.ts'
import { type Asked, judgeName, judgeText } from '../../injection/judge-text.ts'
import { judgeUrl } from '../../injection/ssrf.ts'
import { checkAddress } from '../../outbound/address-check.ts'
import { mayHoldJson, readHeldJson } from './held-json.ts'
import type { InjectionOptions } from './options.ts'
import { createMatch, type Matches, type Part, type Place, toPointer } from './places.ts'

/** Something that was seen, and where. */
export interface Seen extends Place {
  readonly finding: Finding
}

/** What was seen in one request, and which names have to be looked up before it may pass. */
export interface Verdict {
  readonly seen: Seen[]
  readonly hosts: (Place & { readonly host: string })[]
}

/** A caller who sent more than this learns of the rest when these are mended. */
const most = 5
const mostHosts = 20

export interface ValueJudge {
  /** A value, and the name under which it came; null where the client did not choose the name. */
  judge(part: Part, name: string, value: string, verdict: Verdict, isOwnName?: boolean): void
  judgeDocument(value: unknown, verdict: Verdict): void
}

export const isPublicAddress = (address: string) => checkAddress(address) === 'public'

/** Prepares what every value of a request is held against. */
export function createValueJudge({ classes, threshold, exclude, urlFields }: InjectionOptions): ValueJudge {
  const asked: Asked = { classes: new Set(classes), threshold }
  const exclusions = exclude.map((one) => ({ matches: createMatch(one.in, one.at), classes: one.classes ?? classes }))
  const isUrl: Matches[] = urlFields.map((one) => createMatch(one.in, one.at))
  const urlParts = new Set(urlFields.map((one) => one.in))

  /** What is still looked for at a place; null where nothing is. */
  function remaining(place: Place): Asked | null {
    const excused = exclusions.filter(({ matches }) => matches(place)).flatMap((one) => one.classes)
    if (excused.length === 0) return asked
    const left = classes.filter((one) => !excused.includes(one))
    return left.length === 0 ? null : { classes: new Set<InjectionClass>(left), threshold }
  }

  /** Keeps what was seen, unless the place is excused. */
  function keep(judge: typeof judgeText, text: string, first: Finding, place: Place, to: Verdict): void {
    if (to.seen.length >= most) return
    const left = remaining(place)
    if (left === null) return
    const finding = left === asked ? first : judge(text, left)
    if (isSeen(finding)) to.seen.push({ ...place, finding })
  }

  const isSeen = (finding: Finding | null): finding is Finding => finding !== null && finding.score >= threshold

  function noteUrl(text: string, place: Place, to: Verdict) {
    const { finding, host } = judgeUrl(text, isPublicAddress)
    const left = remaining(place)
    if (left === null || !left.classes.has('ssrf')) return
    if (finding !== null && finding.score >= threshold && to.seen.length < most) to.seen.push({ ...place, finding })
    if (host !== null && to.hosts.length < mostHosts) to.hosts.push({ ...place, host })
  }

  const isUrlPlace = (place: Place) => isUrl.some((matches) => matches(place))

  function walk(value: unknown, path: (string | number)[], to: Verdict): void {
    if (to.seen.length >= most) return
    if (typeof value === 'string') {
      const finding = judgeText(value, asked)
      if (isSeen(finding)) keep(judgeText, value, finding, { in: 'body', at: toPointer(path) }, to)
      else if (mayHoldJson(value)) judgeHeld(value, { in: 'body', at: toPointer(path) }, to)
      if (!urlParts.has('body')) return
      const place: Place = { in: 'body', at: toPointer(path) }
      if (isUrlPlace(place)) noteUrl(value, place, to)
    } else if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) {
        path.push(i)
        walk(value[i], path, to)
        path.pop()
      }
    } else if (typeof value === 'object' && value !== null) {
      for (const name of Object.keys(value)) {
        path.push(name)
        const finding = judgeName(name, asked)
        if (isSeen(finding)) keep(judgeName, name, finding, { in: 'body', at: toPointer(path) }, to)
        walk((value as Record<string, unknown>)[name], path, to)
        path.pop()
      }
    }
  }

  /** Judges what a text holds that is JSON as a whole, for programs that parse it. */
  function judgeHeld(text: string, place: Place, to: Verdict): void {
    for (const one of readHeldJson(text)) {
      if (to.seen.length >= most) return
      const judge = one.isName ? judgeName : judgeText
      const finding = judge(one.text, asked)
      if (isSeen(finding)) keep(judge, one.text, finding, place, to)
    }
  }

  return {
    judge(part, name, value, verdict, isOwnName = false) {
      const named = isOwnName ? null : judgeName(name, asked)
      if (isSeen(named)) keep(judgeName, name, named, { in: part, at: name }, verdict)
      const finding = judgeText(value, asked)
      if (isSeen(finding)) keep(judgeText, value, finding, { in: part, at: name }, verdict)
      else judgeHeld(value, { in: part, at: name }, verdict)
      if (urlParts.has(part) && isUrlPlace({ in: part, at: name })) noteUrl(value, { in: part, at: name }, verdict)
    },
    judgeDocument: (value, verdict) => walk(value, [], verdict),
  }
}
