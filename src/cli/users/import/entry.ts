/** What is known of one user, as it stands in a file. */
export type Values = Readonly<Record<string, unknown>>

export interface Entry {
  /** Where it stands, for messages: `line 3`, `user 17`. */
  readonly at: string
  /** Throws an `EntryError` where this one cannot be read; others can. */
  read(): Values
}

/** What is wrong with one entry: the message for the person who imports. It never repeats a hash. */
export class EntryError extends Error {
  /** Null: at the entry that is read. */
  readonly at: string | null

  constructor(message: string, at: string | null = null) {
    super(message)
    this.at = at
  }
}

export function toObject(value: unknown): Values {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new EntryError('it is no JSON object')
}
