import { type Decision, next, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { parseMediaType, toBodyKind } from '../../input/media-type.ts'
import type { Part } from '../../input/multipart.ts'
import type { BodyInput } from '../../input/read-body.ts'
import { readInput } from '../../input/request-input.ts'
import type { ValueJudge, Verdict } from './judge-values.ts'
import type { InjectionOptions } from './options.ts'
import { readXmlValues } from './xml-values.ts'

/**
 * Reads and judges the body. What it decides is about bodies that cannot be judged; what was seen is in the verdict.
 * @param limitBytes the most that is read: what a policy only observes must still arrive whole
 */
export function judgeBody(
  exchange: Exchange,
  options: InjectionOptions,
  judge: ValueJudge,
  verdict: Verdict,
  limitBytes: number,
): Decision | Promise<Decision> {
  const { body } = exchange
  if (body.bytes !== null) return judgeCollected(exchange, options, judge, verdict)
  if (isBinary(exchange) && !isHeld(options, body.declaredLength)) {
    return options.otherTypes === 'pass' ? next : refuse('injection_type', 'a body of a binary type')
  }
  if ((body.declaredLength ?? 0) > options.maxBodyBytes) return refuse('body_too_large')
  return body
    .collect(limitBytes)
    .then((collected) => ('kind' in collected ? collected : judgeCollected(exchange, options, judge, verdict)))
}

function judgeCollected(
  exchange: Exchange,
  options: InjectionOptions,
  judge: ValueJudge,
  verdict: Verdict,
): Decision | Promise<Decision> {
  if ((exchange.body.bytes?.length ?? 0) > options.maxBodyBytes) return refuse('body_too_large')
  const read = readInput(exchange).body
  if (read instanceof Promise) return read.then((input) => judgeInput(input, options, judge, verdict))
  return judgeInput(read, options, judge, verdict)
}

/** Bodies of binary types are held only where they are judged. */
function isHeld({ otherTypes, maxBodyBytes }: InjectionOptions, length: number | null): boolean {
  return otherTypes === 'judge' && (length === null || length <= maxBodyBytes)
}

function isBinary({ headers }: Exchange): boolean {
  const types = headers.all('content-type')
  const type = types.length === 1 ? parseMediaType(types[0] as string) : null
  return type !== null && toBodyKind(type.essence) === 'binary'
}

function judgeInput(body: BodyInput, options: InjectionOptions, judge: ValueJudge, verdict: Verdict): Decision {
  switch (body.kind) {
    case 'none':
      return next
    case 'json':
      judge.judgeDocument(body.value, verdict)
      return next
    case 'form':
      for (const [name, value] of body.pairs) judge.judge('body', name, value, verdict)
      return next
    case 'multipart':
      for (const part of body.parts) judgePart(part, judge, verdict)
      return next
    case 'text':
      if (options.text) judge.judge('body', '', body.text, verdict, true)
      return next
    case 'xml':
      if (!options.text) return next
      judge.judge('body', '', body.text, verdict, true)
      for (const value of readXmlValues(body.text)) judge.judge('body', '', value, verdict, true)
      return next
    case 'binary':
      return judgeBinary(body.bytes, options, judge, verdict)
    case 'unreadable':
      return refuse('injection_unreadable', body.problem)
  }
}

/**
 * A plain field is judged as in any form; of a file, only its name: what it holds is for the policy `uploads`. Some servers
 * take a part with an empty file name for a field.
 */
function judgePart({ name, fileName, bytes }: Part, judge: ValueJudge, verdict: Verdict): void {
  if (fileName !== null && fileName !== '') judge.judge('body', name, fileName, verdict)
  else judge.judge('body', name, decode(bytes) ?? decodeLoosely(bytes), verdict)
}

function judgeBinary(
  bytes: Uint8Array,
  { otherTypes }: InjectionOptions,
  judge: ValueJudge,
  verdict: Verdict,
): Decision {
  if (otherTypes === 'refuse') return refuse('injection_type', 'a body of a binary type')
  if (otherTypes === 'pass') return next
  const text = decode(bytes) ?? (mayBeJson(bytes) ? decodeLoosely(bytes) : null)
  if (text !== null) judge.judge('body', '', text, verdict, true)
  return next
}

/** Some servers read JSON under any type, and put a sign in the place of what is no UTF-8. */
function mayBeJson(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => byte > 0x20 && byte < 0x80)
  return first === 0x7b || first === 0x5b
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

function decodeLoosely(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}
