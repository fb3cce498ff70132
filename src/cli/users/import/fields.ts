import { suggest } from '../../../core/suggest.ts'
import { EntryError } from './entry.ts'

const fields = [
  ...['username', 'passwordHash', 'tenant', 'roles', 'scopes', 'attributes', 'id'],
  ...['email', 'emailVerified', 'disabled', 'createdAt'],
]

/** Throws an `EntryError` where users have no such field. */
export function checkField(name: string, at: string | null = null): void {
  if (fields.includes(name)) return
  const near = suggest(name.slice(0, 40), fields)
  const hint = near !== null ? `; did you mean ${near}?` : /[;\t]/.test(name) ? '; cells are divided by commas' : ''
  throw new EntryError(`unknown field ${JSON.stringify(name.slice(0, 40))}${hint}`, at)
}
