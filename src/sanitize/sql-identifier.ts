import { SanitizeError } from './sanitize-error.ts'

/**
 * The name of a column or table that a caller chooses, such as what to sort by: one of your list, or an error. There is no
 * encoder for SQL, because none is right for every database, mode and character set: values belong into the parameters of a
 * prepared statement, and names that are not on a list into none.
 * @throws {SanitizeError} `not_in_list`
 * @example
 * const column = chooseSqlIdentifier(query.sort, ['name', 'price'])
 * database.prepare(`SELECT * FROM products WHERE kind = ? ORDER BY ${column}`).all(kind)
 */
export function chooseSqlIdentifier<const Name extends string>(text: string, allowed: readonly Name[]): Name {
  const found = allowed.find((name) => name === text)
  if (found !== undefined) return found
  throw new SanitizeError(
    'not_in_list',
    'not one of the names that were listed; values go into the parameters of a prepared statement, never into its text',
  )
}
