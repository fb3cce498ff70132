import type { ErrorObject, ValidateFunction } from 'ajv'
import type { Ajv2020 } from 'ajv/dist/2020.js'
import type { Violation } from '../../input/violation.ts'
import type { JsonSchema } from '../../openapi/operation.ts'
import { PatternError } from '../pattern/parse-pattern.ts'
import { checkSchema, Engines } from './engines.ts'
import { prepareSchema, type SchemaOptions } from './prepare-schema.ts'
import { type SchemaObject, toToken } from './references.ts'
import { SchemaError } from './schema-error.ts'
import { countSteps, StepsExceeded } from './steps.ts'
import { toViolation } from './to-violation.ts'

/** Judges values by one schema. */
export interface SchemaJudge {
  /**
   * What is wrong with a value, the first thing at least; empty where nothing is.
   * @param place which part of the message the value is
   * @param at what the value's own places are told behind: a parameter's name, or nothing for a body
   */
  judge(value: unknown, place: Violation['in'], at: string): readonly Violation[]
}

/** A value of more parts is told its first mistake only: looking for all of them is work that the caller chooses. */
const maxTold = 1000
const maxStepsToTell = 20_000
const maxErrors = 200
const echoes = new Set(['unevaluatedProperties', 'unevaluatedItems'])
const none: readonly Violation[] = Object.freeze([])
const first = new Engines(false)
const every = new Engines(true)

/**
 * Compiles a schema for one direction.
 * @throws SchemaError where something in it is unknown or would not be kept to
 */
export function compileSchema(schema: JsonSchema, options: SchemaOptions): SchemaJudge {
  const prepared = prepareSchema(schema, options)
  if (prepared === true) return { judge: () => none }
  if (prepared === false) return { judge: (_, place, at) => [{ in: place, at, rule: 'false', expected: 'nothing' }] }
  const object: SchemaObject = prepared
  const problem = checkSchema(object)
  if (problem !== null) throw new SchemaError('', problem)
  const isValid = compile(first.next(), object)
  let findAll: ValidateFunction | null = null

  function tell(value: unknown): readonly ErrorObject[] {
    const found = isValid.errors ?? []
    if (!options.tellsAll && !isSmall(value)) return found
    findAll ??= compile(every.next(), object)
    const validate = findAll
    try {
      countSteps(() => validate(value), options.tellsAll ? undefined : maxStepsToTell)
    } catch (error) {
      if (error instanceof StepsExceeded) return found
      throw error
    }
    return validate.errors ?? found
  }

  return {
    judge(value, place, at) {
      try {
        if (countSteps(() => isValid(value))) return none
      } catch (error) {
        if (!(error instanceof StepsExceeded)) throw error
        return [{ in: place, at, rule: 'steps', expected: 'a value that is simpler to judge' }]
      }
      return withoutEchoes(tell(value)).map((error) => toViolation(error, place, at))
    },
  }
}

function compile(ajv: Ajv2020, prepared: SchemaObject): ValidateFunction {
  // Without an id, ajv does not find what a reference to the root (`#`) leads to.
  const schema = { $id: 'schema:whole', ...prepared }
  try {
    return ajv.compile(schema)
  } catch (error) {
    if (error instanceof PatternError) throw new SchemaError('', `a pattern cannot be used: ${error.message}`)
    throw new SchemaError('', error instanceof Error ? error.message : String(error))
  } finally {
    ajv.removeSchema(schema)
  }
}

/**
 * What fails behind a reference counts as not looked at, so that ajv tells every property of it as unevaluated as well;
 * and it tells a condition beside what the condition asks for.
 */
function withoutEchoes(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const told = errors.slice(0, maxErrors).filter(({ keyword }) => keyword !== 'if')
  const causes = told.filter(({ keyword }) => !echoes.has(keyword))
  return told.filter((one) => {
    if (!echoes.has(one.keyword)) return true
    const below = `${one.instancePath}/${toToken(String(one.params.unevaluatedProperty))}`
    const isBelow = (other: ErrorObject) => other.instancePath.startsWith(below)
    return !told.some(isBelow) && !causes.some(({ instancePath }) => instancePath.startsWith(one.instancePath))
  })
}

function isSmall(value: unknown): boolean {
  let left = maxTold
  const open = [value]
  while (open.length > 0 && left-- > 0) {
    const next = open.pop()
    if (typeof next !== 'object' || next === null) continue
    const parts = Object.values(next)
    if (parts.length > left) return false
    for (const part of parts) open.push(part)
  }
  return open.length === 0
}
