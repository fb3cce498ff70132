/** Which rule a JSON document breaks. All but the limits are of RFC 8259, or of what two programs read differently. */
export type JsonRule =
  | 'syntax'
  | 'utf8'
  | 'byteOrderMark'
  /** An escape is half a surrogate pair. */
  | 'surrogate'
  /** An escape stands for NUL or another control character than tab, line feed and carriage return. */
  | 'control'
  | 'duplicate'
  | 'forbiddenName'
  | 'maxDepth'
  | 'maxMembers'
  | 'maxItems'
  | 'maxStringBytes'
  | 'maxNameBytes'
  | 'maxDigits'
  | 'maxNumber'

/** What a JSON document may hold. */
export interface JsonLimits {
  readonly maxDepth: number
  /** Members of all objects together. */
  readonly maxMembers: number
  /** Elements of one array. */
  readonly maxItems: number
  /** Of one string, as it is written between its quotes. */
  readonly maxStringBytes: number
  readonly maxNameBytes: number
  /** Of one number, those of its exponent included. */
  readonly maxDigits: number
  /** The largest magnitude. With a finite one, exponents that no double holds are refused as well. */
  readonly maxNumber: number
  /** Names that no member may have, escapes undone. */
  readonly forbiddenNames: readonly string[]
  readonly allowControls: boolean
}

/** Where a document breaks a rule. */
export interface JsonFault {
  readonly rule: JsonRule
  /** A JSON pointer (RFC 6901) to the value, or the member that should have it; long names are cut. */
  readonly at: string
  /** Bytes before it. */
  readonly offset: number
}

/** Bounds for documents that are held whole anyway: depth alone is limited. */
export const looseJsonLimits: JsonLimits = Object.freeze({
  maxDepth: 64,
  maxMembers: Number.POSITIVE_INFINITY,
  maxItems: Number.POSITIVE_INFINITY,
  maxStringBytes: Number.POSITIVE_INFINITY,
  maxNameBytes: Number.POSITIVE_INFINITY,
  maxDigits: Number.POSITIVE_INFINITY,
  maxNumber: Number.POSITIVE_INFINITY,
  forbiddenNames: [],
  allowControls: true,
})
