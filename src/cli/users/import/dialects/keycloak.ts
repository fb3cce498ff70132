import { EntryError, toObject, type Values } from '../entry.ts'

/** `kc.sh export`, or a realm's JSON file: `users` with their credentials. */
export function fromKeycloak(value: Values): Values {
  if (value.realm !== undefined && value.username === undefined)
    throw new EntryError('it is a realm, not a user: export one realm (`kc.sh export --realm NAME --users realm_file`)')
  const { id, username, email, emailVerified, enabled, createdTimestamp, credentials, realmRoles, attributes } = value
  return {
    ...{ id, username, email, emailVerified, roles: realmRoles ?? [], attributes },
    disabled: enabled === false,
    createdAt: createdTimestamp,
    passwordHash: Array.isArray(credentials) ? toHash(credentials) : null,
  }
}

function toHash(credentials: readonly unknown[]): string | null {
  const password = credentials.map(toObject).find(({ type }) => type === 'password')
  if (password === undefined) return null
  const { value, salt } = toObject(parse(password.secretData))
  const { algorithm, hashIterations, additionalParameters } = toObject(parse(password.credentialData))
  if (typeof value !== 'string' || typeof salt !== 'string') throw new EntryError('its credential has no hash')
  const encoded = `${toPhc(salt)}$${toPhc(value)}`
  if (algorithm !== 'argon2') {
    const name = algorithm === 'pbkdf2' ? 'pbkdf2-sha1' : algorithm
    if (!/^pbkdf2-sha(1|256|512)$/.test(String(name)))
      throw new EntryError('its credential is hashed in an unknown way')
    return `$${name}$i=${hashIterations}$${encoded}`
  }
  const parameters = toObject(additionalParameters)
  const [type, memory, lanes] = ['type', 'memory', 'parallelism'].map((name) => String([parameters[name]].flat()[0]))
  return `$argon2${type}$v=19$m=${memory},t=${hashIterations},p=${lanes}$${encoded}`
}

/** JSON within JSON, as it is exported; or not, as it is by its API. */
function parse(data: unknown): unknown {
  if (typeof data !== 'string') return data
  try {
    return JSON.parse(data)
  } catch {
    throw new EntryError('its credential cannot be read')
  }
}

function toPhc(base64: string): string {
  return Buffer.from(base64, 'base64').toString('base64').replace(/=+$/, '')
}
