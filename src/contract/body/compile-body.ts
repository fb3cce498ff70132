import { toBodyKind } from '../../input/media-type.ts'
import type { BodyInput } from '../../input/read-body.ts'
import type { Violation } from '../../input/violation.ts'
import type { BodyContract, MediaContract } from '../../openapi/operation.ts'
import { groupPairs } from '../parameters/read-named.ts'
import { compileSchema } from '../schema/compile-schema.ts'
import type { SchemaOptions } from '../schema/prepare-schema.ts'
import { toToken } from '../schema/references.ts'
import { SchemaError } from '../schema/schema-error.ts'
import { askLater, type Later } from '../standard/ask-later.ts'
import { compileStandard } from '../standard/compile-standard.ts'
import { createFormReader } from './form-value.ts'
import { findMedia } from './media-range.ts'
import { createPartsReader } from './parts-value.ts'

export interface BodyOptions extends SchemaOptions {
  /** What becomes of XML of a listed type, which no JSON Schema judges. */
  readonly xml: 'refuse' | 'pass'
}

/** What a contract says of a body. */
export type BodyVerdict =
  | { readonly kind: 'meets' }
  | { readonly kind: 'violates'; readonly violations: readonly Violation[] }
  /** It cannot be told what is in it; a sentence for the log. */
  | { readonly kind: 'unreadable'; readonly problem: string }
  /** Its type is none of these. */
  | { readonly kind: 'media-type'; readonly accepted: readonly string[] }

export type BodyJudge = (body: BodyInput, later?: Later) => BodyVerdict

const meets: BodyVerdict = Object.freeze({ kind: 'meets' })

/** Prepares what may come as a body; null: none may. */
export function compileBody(contract: BodyContract | null, options: BodyOptions): BodyJudge {
  if (contract === null) return (body) => (body.kind === 'none' ? meets : violates('unexpected', 'no body'))
  const all = contract.media.map((media) => ({ media, judge: compileMedia(media, options) }))
  const accepted = contract.media.map(({ mediaType }) => mediaType)
  const kept = new Map<string, (typeof all)[number] | null>()
  const missing = contract.required ? violates('required', `a body of the type ${accepted.join(' or ')}`) : meets
  const otherType: BodyVerdict = { kind: 'media-type', accepted }
  return (body, later) => {
    if (body.kind === 'none') return missing
    if (body.kind === 'unreadable') return { kind: 'unreadable', problem: body.problem }
    let found = kept.get(body.type)
    if (found === undefined) {
      found = findMedia(all, body.type)
      // Callers choose the type, so that only those that are listed are kept.
      if (found?.media.mediaType === body.type) kept.set(body.type, found)
    }
    return found === null ? otherType : (found.judge(body, later) ?? otherType)
  }
}

/** Null where the type is listed and yet not judged. */
type MediaJudge = (body: BodyInput, later: Later | undefined) => BodyVerdict | null

function compileMedia(media: MediaContract, options: BodyOptions): MediaJudge {
  const schema = compileSchema(media.schema, options)
  const standard = media.standard === undefined ? null : compileStandard(media.standard, options)
  if (standard !== null) checkReadable(media)
  const judgeValue = (value: unknown, later: Later | undefined): BodyVerdict => {
    const found = schema.judge(value, 'body', '')
    if (found.length === 0 && standard !== null) askLater(later, standard(value, 'body', ''))
    return toVerdict(found)
  }
  const readForm = createFormReader(media)
  const readParts = createPartsReader(media)
  const passes = isOpaque(media)
  return (body, later) => {
    const judge = (value: unknown) => judgeValue(value, later)
    switch (body.kind) {
      case 'json': {
        const prototype =
          options.direction === 'request' && mayHoldPrototype(body.bytes) ? findPrototype(body.value, '') : null
        return prototype ?? judge(body.value)
      }
      case 'form': {
        const { value, violations } = readForm(groupPairs(body.pairs))
        return violations.length > 0 ? { kind: 'violates', violations } : judge(value)
      }
      case 'multipart': {
        const { value, violations } = readParts(body.parts)
        return violations.length > 0 ? { kind: 'violates', violations } : judge(value)
      }
      case 'text':
        return judge(body.text)
      case 'xml':
        return options.xml === 'pass' ? meets : null
      case 'binary':
        return passes ? meets : judge(Buffer.from(body.bytes).toString('latin1'))
      default:
        return null
    }
  }
}

/** Of other bodies there is no value that a library could be asked about. */
function checkReadable({ mediaType }: MediaContract): void {
  if (['json', 'form', 'multipart', 'text'].includes(toBodyKind(mediaType))) return
  const hint = 'Schemas of libraries judge JSON, forms, multipart bodies and texts.'
  throw new SchemaError('', `a schema of a library cannot judge bodies of the type ${mediaType}`, hint)
}

/** Whether any bytes of this type are fine, so that they need not be read. */
export function isOpaque({ mediaType, schema }: MediaContract): boolean {
  return toBodyKind(mediaType) === 'binary' && isBytes(schema)
}

/** A schema that any bytes meet. */
function isBytes(schema: MediaContract['schema']): boolean {
  if (typeof schema === 'boolean') return schema
  return Object.entries(schema).every(
    ([keyword, value]) => keyword === 'format' || (keyword === 'type' && value === 'string'),
  )
}

/** The name may be written with escapes. */
function mayHoldPrototype(bytes: Uint8Array): boolean {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return view.includes('__proto__') || view.includes('\\u00')
}

/** An object that lists no properties, or allows others, would let `__proto__` through, which no message may hold. */
function findPrototype(value: unknown, at: string): BodyVerdict | null {
  if (typeof value !== 'object' || value === null) return null
  for (const name of Object.keys(value)) {
    const here = `${at}/${toToken(name)}`
    if (name === '__proto__' && !Array.isArray(value)) {
      return {
        kind: 'violates',
        violations: [{ in: 'body', at: here, rule: 'additionalProperties', expected: 'no such property' }],
      }
    }
    const found = findPrototype((value as Record<string, unknown>)[name], here)
    if (found !== null) return found
  }
  return null
}

function toVerdict(violations: readonly Violation[]): BodyVerdict {
  return violations.length === 0 ? meets : { kind: 'violates', violations }
}

function violates(rule: string, expected: string): BodyVerdict {
  return { kind: 'violates', violations: [{ in: 'body', at: '', rule, expected }] }
}
