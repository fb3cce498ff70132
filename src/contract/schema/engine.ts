import { _, type KeywordCxt, Name } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import unevaluated from 'ajv/dist/vocabularies/unevaluated/unevaluatedProperties.js'
import { toStableJson } from '../../core/stable-json.ts'
import { compilePattern } from '../pattern/compile-pattern.ts'
import { contentEncodings, contentMediaTypes, isContent } from './content.ts'
import { formats, textFormats } from './formats.ts'
import { isMultiple } from './is-multiple.ts'
import { exceed, steps } from './steps.ts'

/**
 * Makes an ajv that judges own properties only, in linear time, and asserts what JSON Schema leaves to annotations.
 * @param allErrors false: it stops at the first thing that is wrong
 */
export function createEngine(allErrors: boolean): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors,
    strictSchema: true,
    strictTypes: false,
    strictTuples: false,
    allowMatchingProperties: true,
    ownProperties: true,
    addUsedSchema: false,
    // `checkSchema` has judged it.
    meta: false,
    validateSchema: false,
    messages: false,
    logger: false,
    formats: { ...formats, ...textFormats },
    code: { regExp: Object.assign(toRegExp, { code: 'linear' }) },
  })
  for (const keyword of [
    'uniqueItems',
    'multipleOf',
    'contentEncoding',
    'contentMediaType',
    'readOnly',
    'writeOnly',
    'unevaluatedProperties',
  ]) {
    ajv.removeKeyword(keyword)
  }
  for (const keyword of ['readOnly', 'writeOnly']) {
    ajv.addKeyword({ keyword, schemaType: 'boolean', validate: () => false, errors: false })
  }
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    errors: false,
    validate: (wanted: boolean, items: readonly unknown[]) => !wanted || areUnique(items),
  })
  ajv.addKeyword({
    keyword: 'multipleOf',
    type: 'number',
    schemaType: 'number',
    errors: false,
    validate: (of: number, value: number) => isMultiple(value, of),
  })
  addContent(ajv, 'contentEncoding', contentEncodings)
  addContent(ajv, 'contentMediaType', contentMediaTypes)
  // Ahead of the references that it counts: what fails behind one is not judged further.
  ajv.addKeyword({ keyword: 'step', schemaType: 'boolean', before: '$dynamicAnchor', code: countStep })
  ajv.addKeyword({ ...unevaluated.default, code: onlyOwn })
  return ajv
}

type RegExpLike = ReturnType<
  NonNullable<NonNullable<NonNullable<ConstructorParameters<typeof Ajv2020>[0]>['code']>['regExp']>
>

function toRegExp(pattern: string): RegExpLike {
  const compiled = compilePattern(pattern)
  // The text is how ajv tells one pattern from another.
  return { test: (text: string) => compiled.test(text), toString: () => pattern } as RegExpLike
}

/** ajv compares each item with each other, which takes the square of their number. */
function areUnique(items: readonly unknown[]): boolean {
  const seen = new Set<unknown>()
  for (const item of items) {
    // What begins so is no text of the list itself, because a text is told apart by its quote.
    const key =
      typeof item === 'object' && item !== null ? toStableJson(item) : typeof item === 'string' ? `"${item}` : item
    if (seen.has(key)) return false
    seen.add(key)
  }
  return true
}

function addContent(ajv: Ajv2020, keyword: 'contentEncoding' | 'contentMediaType', known: readonly string[]): void {
  ajv.addKeyword({
    keyword,
    type: 'string',
    schemaType: 'string',
    errors: false,
    compile(value: string, parent) {
      if (!known.includes(value))
        throw new Error(`${keyword} ${JSON.stringify(value)} is not known: ${known.join(', ')}`)
      const { contentEncoding } = parent as { contentEncoding?: string }
      return (text: string) =>
        keyword === 'contentEncoding' ? isContent(text, value, undefined) : isContent(text, contentEncoding, value)
    },
  })
}

function countStep({ gen }: KeywordCxt): void {
  const count = gen.scopeValue('obj', { ref: steps })
  const end = gen.scopeValue('func', { ref: exceed })
  gen.if(_`--${count}.left < 0`, () => gen.code(_`${end}()`))
}

/** ajv keeps the names that were judged in an object that inherits `constructor`, so that it would count as judged. */
function onlyOwn(cxt: KeywordCxt): void {
  const { gen, it } = cxt
  if (it.props instanceof Name) {
    const { props } = it
    gen.if(_`${props} !== true`, () => gen.assign(props, _`Object.assign(Object.create(null), ${props})`))
  }
  unevaluated.default.code(cxt)
}
