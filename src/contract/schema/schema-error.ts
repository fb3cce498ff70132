/** A schema that cannot be kept to: where, and what to write instead. */
export class SchemaError extends Error {
  /** A JSON pointer into the schema, empty for its root. */
  readonly at: string
  readonly hint: string | null

  constructor(at: string, message: string, hint: string | null = null) {
    super(message)
    this.at = at
    this.hint = hint
  }
}
