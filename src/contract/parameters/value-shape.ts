import type { JsonSchema } from '../../openapi/operation.ts'
import { partsOf } from '../schema/parts.ts'
import { isSchemaObject, type References, type SchemaObject } from '../schema/references.ts'

export type Shape = 'primitive' | 'array' | 'object'

/** What texts have to be read as, by the schema of their value. What is under it is looked at when it is asked for. */
export class ValueShape {
  /** What the value may be; empty where the schema does not say. */
  readonly types: ReadonlySet<string>
  readonly shape: Shape
  /** The properties that are listed. */
  readonly names: ReadonlySet<string>
  readonly #references: References
  readonly #parts: readonly SchemaObject[]
  readonly #known = new Map<string, ValueShape>()
  #others: ValueShape | null = null

  constructor(schema: JsonSchema, references: References) {
    this.#references = references
    this.#parts = [...partsOf(schema, references, true)]
    this.types = new Set(this.#parts.flatMap(typesOf))
    this.shape = this.types.has('array') ? 'array' : this.types.has('object') ? 'object' : 'primitive'
    this.names = new Set(
      this.#parts.flatMap(({ properties }) => (isSchemaObject(properties) ? Object.keys(properties) : [])),
    )
  }

  item(index: number): ValueShape {
    for (const { prefixItems } of this.#parts) {
      const own = Array.isArray(prefixItems) ? (prefixItems as JsonSchema[])[index] : undefined
      if (own !== undefined) return this.#keep(`${index}`, own)
    }
    return this.#rest('items')
  }

  property(name: string): ValueShape {
    if (this.names.has(name)) {
      for (const { properties } of this.#parts) {
        if (isSchemaObject(properties) && Object.hasOwn(properties, name)) {
          return this.#keep(name, properties[name] as JsonSchema)
        }
      }
    }
    return this.#rest('additionalProperties')
  }

  /** Of what the schema lists only, so that it is bounded. */
  #keep(key: string, schema: JsonSchema): ValueShape {
    const known = this.#known.get(key) ?? new ValueShape(schema, this.#references)
    this.#known.set(key, known)
    return known
  }

  #rest(keyword: 'items' | 'additionalProperties'): ValueShape {
    const found = this.#parts.map((part) => part[keyword]).find(isSchemaObject)
    this.#others ??= new ValueShape(found ?? true, this.#references)
    return this.#others
  }
}

function typesOf(part: SchemaObject): string[] {
  if (part.type !== undefined) return [part.type].flat().map(String)
  if (part.const !== undefined) return [typeOf(part.const)]
  if (Array.isArray(part.enum)) return part.enum.map(typeOf)
  return isSchemaObject(part.properties) ? ['object'] : []
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}
