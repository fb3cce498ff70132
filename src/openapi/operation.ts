import type { StandardProps } from '../core/standard-schema.ts'

/** JSON Schema 2020-12, complete in itself: references lead to its own `$defs` only. */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown }

export type ParameterPlace = 'path' | 'query' | 'header' | 'cookie'

export type ParameterStyle = 'simple' | 'label' | 'matrix' | 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject'

/** How one parameter is written and what it may hold (OpenAPI 3.1 section 4.8.12). */
export interface ParameterContract {
  readonly name: string
  readonly in: ParameterPlace
  readonly required: boolean
  readonly style: ParameterStyle
  readonly explode: boolean
  readonly allowReserved: boolean
  readonly allowEmptyValue: boolean
  readonly schema: JsonSchema
  /** The media type that the value is written in; null for a styled value. */
  readonly contentType: string | null
  /** A schema of a library, which judges what `schema` has read. */
  readonly standard?: StandardProps
  /** Whether that schema is also asked where the parameter is absent. */
  readonly asksAbsent?: boolean
}

/** One media type of a body. */
export interface MediaContract {
  /** As the document has it, which may be a range such as `image/*`. */
  readonly mediaType: string
  readonly schema: JsonSchema
  /** Of forms: how single properties are written; by property name. */
  readonly encoding: ReadonlyMap<string, EncodingContract>
  /** A schema of a library, which judges what `schema` has read. */
  readonly standard?: StandardProps
}

export interface EncodingContract {
  readonly contentType: string | null
  readonly style: ParameterStyle
  readonly explode: boolean
}

export interface BodyContract {
  readonly required: boolean
  readonly media: readonly MediaContract[]
}

export interface ResponseContract {
  readonly headers: readonly ParameterContract[]
  /** Empty where the answer has no body, or the document says nothing of it. */
  readonly media: readonly MediaContract[]
}

/** All of these schemes at once, with their scopes; empty: nobody has to be known. */
export type SecurityRequirement = ReadonlyMap<string, readonly string[]>

/** What a document, or a policy file, says of one method on one path. */
export interface OperationContract {
  /** `operationId`, or the method and the path. */
  readonly id: string
  readonly parameters: readonly ParameterContract[]
  /** Schemas of libraries for all parameters of a place at once, as an object of texts. */
  readonly wholes?: { readonly path?: StandardProps; readonly query?: StandardProps }
  /** Null: no body is part of it. */
  readonly body: BodyContract | null
  /** By status (`200`), range (`2XX`) or `default`. */
  readonly responses: ReadonlyMap<string, ResponseContract>
  /** Any of them is enough. */
  readonly security: readonly SecurityRequirement[]
}
