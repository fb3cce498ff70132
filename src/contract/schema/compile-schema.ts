import type { ErrorObject, ValidateFunction } from 'ajv'
import type { Ajv2020 } from 'ajv/dist/2020.js'
import type { Violation } from '../../input/violation.ts'
import type { JsonSchema } from '../../openapi/operation.ts'
import { PatternError } from '../pattern/parse-pattern.ts'
import { createEngine } from './engine.ts'
import { prepareSchema, type SchemaOptions } from './prepare-schema.ts'
import type { SchemaObject } from './references.ts'
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
const none: readonly Violation[] = Object.freeze([])
let first: Ajv2020 | null = null
let every: Ajv2020 | null = null

/**
 * Compiles a schema for one direction.
 * @throws SchemaError where something in it is unknown or would not be kept to
 */
export function compileSchema(schema: JsonSchema, options: SchemaOptions): SchemaJudge {
  const prepared = prepareSchema(schema, options)
  if (prepared === true) return { judge: () => none }
  if (prepared === false) return { judge: (_, place, at) => [{ in: place, at, rule: 'false', expected: 'nothing' }] }
  const object: SchemaObject = prepared
  first ??= createEngine(false)
  const isValid = compile(first, object)
  let findAll: ValidateFunction | null = null

  function tell(value: unknown): readonly ErrorObject[] {
    const found = isValid.errors ?? []
    if (!isSmall(value)) return found
    every ??= createEngine(true)
    findAll ??= compile(every, object)
    const validate = findAll
    try {
      countSteps(() => validate(value), maxStepsToTell)
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
      const told = tell(value).filter(({ keyword }) => keyword !== 'if')
      return told.map((error) => toViolation(error, place, at))
    },
  }
}

function compile(ajv: Ajv2020, prepared: SchemaObject): ValidateFunction {
  // Without an id, ajv does not find what a reference to the root (`#`) leads to.
  const schema = { $id: 'schema:/root', ...prepared }
  try {
    return ajv.compile(schema)
  } catch (error) {
    if (error instanceof PatternError) throw new SchemaError('', `a pattern cannot be used: ${error.message}`)
    throw new SchemaError('', error instanceof Error ? error.message : String(error))
  } finally {
    ajv.removeSchema(schema)
  }
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
