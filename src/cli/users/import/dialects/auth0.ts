import { EntryError, type Values } from '../entry.ts'

/** The export of user password hashes that Auth0's support gives out: JSON lines with bcrypt. */
export function fromAuth0({ _id, email, email_verified, passwordHash, username }: Values): Values {
  const id = typeof _id === 'object' && _id !== null ? (_id as { $oid?: unknown }).$oid : _id
  if (id !== undefined && typeof id !== 'string') throw new EntryError('_id is no id')
  return {
    ...(id !== undefined && { id: `auth0|${id}` }),
    username: username ?? email,
    ...{ email, emailVerified: email_verified ?? false, passwordHash },
  }
}
