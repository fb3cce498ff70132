import { createHash, createHmac } from 'node:crypto'

export interface SignWish {
  readonly method?: string
  /** The whole target. */
  readonly url?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | null
  readonly keyId?: string
  readonly secret?: string
  /** Instead of the secret. */
  readonly sign?: (base: string) => Uint8Array
  readonly components?: readonly string[]
  /** Epoch seconds; null leaves it out. */
  readonly created?: number | null
  /** Further parameters, as they are written. */
  readonly parameters?: string
  readonly label?: string
}

export const testSecret = 'a secret of more than thirty-two bytes'

/** Signs a request by the letter of RFC 9421, apart from the code that verifies. Returns all fields to send. */
export function signRequest(wish: SignWish = {}): Record<string, string> {
  const { method = 'GET', body = null, keyId = 'webhook', label = 'sig', parameters = '' } = wish
  const url = new URL(wish.url ?? 'https://api.example.com/orders')
  const digest = `sha-256=:${createHash('sha256')
    .update(body ?? '')
    .digest('base64')}:`
  const headers: Record<string, string> = { ...(body !== null && { 'content-digest': digest }), ...wish.headers }
  const components = wish.components ?? ['@method', '@target-uri', ...(body === null ? [] : ['content-digest'])]
  const created = wish.created === undefined ? Math.floor(Date.now() / 1000) : wish.created
  const input = `(${components.map((name) => `"${name}"`).join(' ')})${
    created === null ? '' : `;created=${created}`
  };keyid="${keyId}"${parameters}`
  const derived: Record<string, string> = {
    '@method': method,
    '@target-uri': url.href,
    '@authority': url.host,
    '@path': url.pathname,
    '@query': url.search === '' ? '?' : url.search,
    '@scheme': url.protocol.slice(0, -1),
    '@request-target': url.pathname + url.search,
  }
  const lines = components.map((name) => `"${name}": ${derived[name] ?? headers[name] ?? ''}`)
  const base = [...lines, `"@signature-params": ${input}`].join('\n')
  const sign =
    wish.sign ??
    ((text: string) =>
      createHmac('sha256', wish.secret ?? testSecret)
        .update(text)
        .digest())
  const signature = Buffer.from(sign(base)).toString('base64')
  return { ...headers, 'signature-input': `${label}=${input}`, signature: `${label}=:${signature}:` }
}
