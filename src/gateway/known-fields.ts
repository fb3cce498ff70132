/** Prefix of the fields by which Portcullis and upstreams speak to each other; from outside they are dropped. */
export const ownPrefix = 'portcullis-'

export const proofField = 'portcullis-proof'

/** What is done with a field that is not simply passed on. */
type Treatment =
  | 'single'
  | 'hop'
  | 'connection'
  | 'upgrade'
  | 'te'
  | 'host'
  | 'length'
  | 'transfer'
  | 'expect'
  | 'forwarding'

// RFC 9110 section 7.6.1 (hop-by-hop), section 5.3 (fields that are no lists must not repeat).
const treatments = new Map<string, Treatment>(
  Object.entries({
    connection: 'connection',
    'proxy-connection': 'hop',
    'keep-alive': 'hop',
    'proxy-authenticate': 'hop',
    'proxy-authorization': 'hop',
    'proxy-authentication-info': 'hop',
    trailer: 'hop',
    'http2-settings': 'hop',
    te: 'te',
    upgrade: 'upgrade',
    'transfer-encoding': 'transfer',
    'content-length': 'length',
    host: 'host',
    expect: 'expect',
    authorization: 'single',
    'content-type': 'single',
    'content-encoding': 'single',
    'content-location': 'single',
    'content-range': 'single',
    date: 'single',
    from: 'single',
    'if-modified-since': 'single',
    'if-range': 'single',
    'if-unmodified-since': 'single',
    'max-forwards': 'single',
    origin: 'single',
    range: 'single',
    referer: 'single',
    'user-agent': 'single',
    'access-control-request-method': 'single',
    'sec-websocket-key': 'single',
    'sec-websocket-version': 'single',
    'sec-fetch-site': 'single',
    'sec-fetch-mode': 'single',
    'sec-fetch-dest': 'single',
    forwarded: 'forwarding',
    'x-forwarded-for': 'forwarding',
    'x-forwarded-proto': 'forwarding',
    'x-forwarded-host': 'forwarding',
    'x-forwarded-port': 'forwarding',
    'x-forwarded-prefix': 'forwarding',
    'x-forwarded-server': 'forwarding',
    'x-forwarded-ssl': 'forwarding',
    'x-real-ip': 'forwarding',
    'x-client-ip': 'forwarding',
    'true-client-ip': 'forwarding',
    'cf-connecting-ip': 'forwarding',
    'client-cert': 'forwarding',
    'client-cert-chain': 'forwarding',
    'ssl-client-cert': 'forwarding',
    'x-ssl-client-cert': 'forwarding',
    'x-forwarded-client-cert': 'forwarding',
    'x-request-id': 'hop',
    'x-original-url': 'hop',
    'x-rewrite-url': 'hop',
    'x-http-method-override': 'hop',
    'x-http-method': 'hop',
    'x-method-override': 'hop',
  } satisfies Record<string, Treatment>),
)

/** A field's name in lower case, and what is done with the field. */
export interface KnownField {
  readonly name: string
  readonly treatment: Treatment | 'pass' | 'cookie' | 'own' | 'drop'
  /** One bit for each field that must not repeat. */
  readonly bit: number
}

const singles = [...treatments].filter(([, treatment]) => treatment === 'single').map(([name]) => name)

/** Names as clients spell them: nearly all requests bring the same few. */
const known = new Map<string, KnownField>()
const maxKnown = 2048
const maxKnownLength = 64

/** A field's name in lower case, without a new text for the names that all requests bring. */
export function toFieldName(spelt: string): string {
  return toKnownField(spelt).name
}

export function toKnownField(spelt: string): KnownField {
  const found = known.get(spelt)
  if (found !== undefined) return found
  const name = spelt.toLowerCase()
  const made: KnownField = { name, treatment: treatmentOf(name), bit: 1 << (singles.indexOf(name) + 1) }
  if (known.size < maxKnown && spelt.length <= maxKnownLength) known.set(spelt, made)
  return made
}

function treatmentOf(name: string): KnownField['treatment'] {
  const treatment = treatments.get(name)
  if (treatment !== undefined) return treatment
  if (name === 'cookie') return 'cookie'
  if (name.startsWith(ownPrefix)) return 'own'
  // Pseudo-fields of HTTP/2. CGI-style servers read `a_b` and `a-b` as one field, so the first could stand in for the second.
  return name.startsWith(':') || name.includes('_') ? 'drop' : 'pass'
}
