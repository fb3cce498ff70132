import { Ajv2020 } from 'ajv/dist/2020.js'
import { createEngine } from './engine.ts'
import type { SchemaObject } from './references.ts'

/** How many schemas share an engine, which keeps what it compiled for as long as one of them is in use. */
const schemasPerEngine = 50

let judge: Ajv2020 | null = null

/** What is wrong with a schema by the schema of schemas; null where nothing is. */
export function checkSchema(schema: SchemaObject): string | null {
  judge ??= new Ajv2020({ logger: false })
  if (judge.validateSchema(schema) === true) return null
  return judge.errorsText(judge.errors, { dataVar: '', separator: '; ' }).trim()
}

/** Hands out engines, each for a number of schemas, so that reloading for years does not fill the memory. */
export class Engines {
  readonly #allErrors: boolean
  #engine: Ajv2020 | null = null
  #left = 0

  constructor(allErrors: boolean) {
    this.#allErrors = allErrors
  }

  next(): Ajv2020 {
    if (this.#engine === null || this.#left === 0) {
      this.#engine = createEngine(this.#allErrors)
      this.#left = schemasPerEngine
    }
    this.#left--
    return this.#engine
  }
}
