import { readFileSync } from 'node:fs'
import type { ClientConfig } from 'pg'
import { StoreError } from '../ports/store-error.ts'

/** Where a PostgreSQL database is, and how it is spoken to. */
export interface Connection {
  readonly config: ClientConfig
  /** For messages: without user and password. */
  readonly name: string
}

const modes = ['disable', 'require', 'verify-ca', 'verify-full', 'no-verify'] as const
const parameters = ['host', 'port', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'application_name']

/**
 * Reads `postgres://user:password@host:port/database?sslmode=…`. Another machine is spoken to over TLS, and its
 * certificate and name are verified, unless the URL says `sslmode=disable` or `no-verify`: libpq's `prefer` and
 * `require` would let whoever sits between take the password. Throws a `StoreError` that never holds the URL.
 */
export function parseConnectionUrl(text: string): Connection {
  const url = URL.parse(text.trim())
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol))
    throw wrong('it is no URL such as postgres://user@host/name')
  const unknown = [...url.searchParams.keys()].find((key) => !parameters.includes(key))
  if (unknown !== undefined) throw wrong(`it has the parameter "${unknown}"; known are ${parameters.join(', ')}`)
  const parameter = (name: string) => url.searchParams.get(name)
  const host = parameter('host') ?? decode(url.hostname).replace(/^\[(.+)\]$/, '$1')
  const port = Number(parameter('port') ?? (url.port || 5432))
  const database = decode(url.pathname.slice(1))
  if (database === '') throw wrong('it names no database')
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw wrong('its port is no port')
  const user = decode(url.username)
  const password = decode(url.password)
  return {
    name: `PostgreSQL at ${host === '' ? 'localhost' : host}:${port}/${database}`,
    config: {
      host: host === '' ? 'localhost' : host,
      port,
      database,
      ssl: toTls(host, parameter),
      application_name: parameter('application_name') ?? 'portcullis',
      // Without them the usual places are looked at: PGUSER, PGPASSWORD, a .pgpass file.
      ...(user === '' ? {} : { user }),
      ...(password === '' ? {} : { password }),
    },
  }
}

function toTls(host: string, parameter: (name: string) => string | null): ClientConfig['ssl'] {
  const written = parameter('sslmode')
  if (written !== null && !modes.some((mode) => mode === written)) {
    throw wrong(`its sslmode is not one of ${modes.join(', ')}`)
  }
  const mode = written ?? (isHere(host) ? 'disable' : 'verify-full')
  if (mode === 'disable') return false
  return {
    rejectUnauthorized: mode !== 'no-verify',
    ...readOption('ca', parameter('sslrootcert')),
    ...readOption('cert', parameter('sslcert')),
    ...readOption('key', parameter('sslkey')),
    // The authority alone is asked for, whatever name it has given the server.
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  }
}

function readOption(option: 'ca' | 'cert' | 'key', path: string | null): Record<string, string> {
  if (path === null) return {}
  try {
    return { [option]: readFileSync(path, 'utf8') }
  } catch (error) {
    throw wrong(`the file ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}

/** A socket in the file system, or this machine's own addresses. */
function isHere(host: string): boolean {
  return (
    host === '' || host.startsWith('/') || host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
  )
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw wrong('it has a "%" that stands for nothing; write %25')
  }
}

function wrong(problem: string): StoreError {
  return new StoreError('unusable', `the URL of the PostgreSQL store cannot be used: ${problem}`)
}
