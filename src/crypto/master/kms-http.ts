import { MasterKeyError } from './master-key.ts'

/** How key management services are reached: the one guarded HTTP client, as far as they need it. */
export interface KmsHttp {
  /** Rejects where there was no answer. */
  post(
    url: string,
    request: { readonly headers: readonly (readonly [name: string, value: string])[]; readonly body: string },
  ): Promise<{ readonly status: number; readonly body: Uint8Array }>
}

/** Posts JSON, and reads an object out of the answer. What a service says of a failure is told, but for its length. */
export async function postJson(
  http: KmsHttp,
  who: string,
  url: string,
  headers: readonly (readonly [string, string])[],
  body: string,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await http.post(url, { headers, body }).catch((error: unknown) => {
    throw new MasterKeyError(`${who} could not be reached: ${(error as Error).message}`, { cause: error })
  })
  const parsed = parseObject(answer.body)
  if (answer.status === 200 && parsed !== null) return parsed
  throw new MasterKeyError(`${who} answered ${answer.status}${describe(parsed)}`)
}

/** A member of an answer that must be text. */
export function requireText(who: string, from: Readonly<Record<string, unknown>>, name: string): string {
  const value = from[name]
  if (typeof value === 'string' && value !== '') return value
  throw new MasterKeyError(`${who} answered without ${name}`)
}

export function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

function describe(parsed: Readonly<Record<string, unknown>> | null): string {
  const said = parsed?.__type ?? parsed?.message ?? (Array.isArray(parsed?.errors) ? parsed.errors[0] : undefined)
  return typeof said === 'string' ? `: ${said.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)}` : ''
}
