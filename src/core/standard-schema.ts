/** A schema of a library such as zod or valibot, as Standard Schema 1 describes it (standardschema.dev). */
export interface StandardSchema {
  readonly '~standard': StandardProps
}

export interface StandardProps {
  readonly version: 1
  readonly vendor: string
  readonly validate: (value: unknown) => StandardResult | Promise<StandardResult>
}

export type StandardResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

export interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/**
 * What stands for such a schema in a policy file, which is plain data. It is found again by the identity of `of`, so
 * that no text of a file can pretend to be one, and no other thread takes it for one.
 */
export interface StandIn {
  readonly standardSchema: { readonly of: Mark }
}

interface Mark {
  readonly vendor: string
  readonly number: number
}

const standIns = new WeakMap<object, StandIn>()
const known = new WeakMap<Mark, StandardProps>()
let count = 0

/** Whether a value says that it is a Standard Schema, of whatever version. Of a proxy, this would run code. */
export function saysStandard(value: unknown): value is object {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return isObject && '~standard' in value
}

/** The one stand-in of a schema: equal for the same object, another for every other. Null where it is of another version. */
export function toStandIn(schema: object): StandIn | null {
  const kept = standIns.get(schema)
  if (kept !== undefined) return kept
  const props = (schema as StandardSchema)['~standard'] as Partial<StandardProps> | undefined
  if (props?.version !== 1 || typeof props.vendor !== 'string' || typeof props.validate !== 'function') return null
  const mark = Object.freeze({ vendor: props.vendor.slice(0, 64), number: count++ })
  const standIn = Object.freeze({ standardSchema: Object.freeze({ of: mark }) })
  standIns.set(schema, standIn)
  known.set(mark, props as StandardProps)
  return standIn
}

/** The schema that a value stands for; null where it stands for none. */
export function findStandard(value: unknown): StandardProps | null {
  const mark = (value as Partial<StandIn> | null | undefined)?.standardSchema?.of
  return typeof mark === 'object' && mark !== null ? (known.get(mark) ?? null) : null
}
