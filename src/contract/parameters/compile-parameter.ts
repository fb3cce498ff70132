import { parseJsonBody } from '../../core/json-body.ts'
import { toBodyKind } from '../../input/media-type.ts'
import type { Violation } from '../../input/violation.ts'
import type { ParameterContract } from '../../openapi/operation.ts'
import { compileSchema } from '../schema/compile-schema.ts'
import type { SchemaOptions } from '../schema/prepare-schema.ts'
import { createReferences } from '../schema/references.ts'
import { SchemaError } from '../schema/schema-error.ts'
import { askLater, type Later } from '../standard/ask-later.ts'
import { compileStandard } from '../standard/compile-standard.ts'
import { coerce, type Raw } from './coerce.ts'
import { type Found, type Named, readNamed } from './read-named.ts'
import { split } from './split.ts'
import { type Shape, ValueShape } from './value-shape.ts'

/** One parameter, prepared. */
export interface ParameterJudge {
  readonly contract: ParameterContract
  readonly shape: Shape
  /** Judges a path segment or a header field; null where it is absent. */
  judgeText(text: string | null, later?: Later): readonly Violation[]
  /** Judges what stands among names and values, and says which names were its own. */
  judgeNamed(named: Named, used: Set<string>, later?: Later): readonly Violation[]
}

const none: readonly Violation[] = Object.freeze([])

/** @throws SchemaError where the schema cannot be kept to, or the parameter cannot be written so */
export function compileParameter(contract: ParameterContract, options: SchemaOptions): ParameterJudge {
  const { name, required, schema, contentType } = contract
  checkStyle(contract)
  const place: Violation['in'] = contract.in
  const schemaJudge = compileSchema(schema, options)
  const standard = contract.standard === undefined ? null : compileStandard(contract.standard, options)
  const value = new ValueShape(schema, createReferences(schema))
  const shape: Shape = contentType !== null ? 'primitive' : value.shape
  const prepared = { ...contract, shape, members: value.names }
  const asText = value.types.has('string') && value.types.size > 1
  const missing: readonly Violation[] = required
    ? [{ in: place, at: name, rule: 'required', expected: 'a value' }]
    : none
  const wrong = (rule: string, expected: string): readonly Violation[] => [{ in: place, at: name, rule, expected }]

  function judgeValue(given: unknown, later: Later | undefined): readonly Violation[] {
    const found = schemaJudge.judge(given, place, name)
    if (found.length === 0 && standard !== null) askLater(later, standard(given, place, name))
    return found
  }

  function judgeAbsent(later: Later | undefined): readonly Violation[] {
    if (standard !== null && contract.asksAbsent) askLater(later, standard(undefined, place, name))
    return missing
  }

  function judgeRaw(raw: Raw, later: Later | undefined): readonly Violation[] {
    if (contentType !== null) return judgeContent(raw as string, later)
    if (raw === '' && contract.allowEmptyValue) return none
    const found = judgeValue(coerce(raw, value), later)
    // A text that looks like a number may be meant as the text that the schema allows as well.
    return found.length > 0 && asText && typeof raw === 'string' ? judgeValue(raw, later) : found
  }

  function judgeContent(text: string, later: Later | undefined): readonly Violation[] {
    if (toBodyKind(contentType as string) !== 'json') return judgeValue(text, later)
    const parsed = parseJsonBody(Buffer.from(text))
    return parsed.ok ? judgeValue(parsed.value, later) : wrong('contentType', contentType as string)
  }

  function judgeFound(found: Found, later: Later | undefined): readonly Violation[] {
    if (found.kind === 'absent') return judgeAbsent(later)
    if (found.kind === 'value') return judgeRaw(found.raw, later)
    return found.rule === 'repeated' ? wrong('repeated', 'one value') : wrong('style', describeStyle(contract))
  }

  return {
    contract,
    shape,
    judgeText(text, later) {
      if (text === null) return judgeAbsent(later)
      const raw = contentType === null ? split(text, name, contract, shape) : text
      return raw === null ? wrong('style', describeStyle(contract)) : judgeRaw(raw, later)
    },
    judgeNamed(named, used, later) {
      const found = readNamed(named, prepared)
      if (found.kind !== 'absent') for (const one of found.names) used.add(one)
      return judgeFound(found, later)
    },
  }
}

const stylesOf: Readonly<Record<ParameterContract['in'], readonly string[]>> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
}

function checkStyle(contract: ParameterContract): void {
  const known = stylesOf[contract.in]
  if (contract.contentType !== null || known.includes(contract.style)) return
  throw new SchemaError(
    '',
    `the style ${contract.style} is none of a ${contract.in} parameter`,
    `Write ${known.join(', ')}.`,
  )
}

function describeStyle({ style, explode }: ParameterContract): string {
  return `a value in the style ${style}${explode ? ', exploded' : ''}`
}
