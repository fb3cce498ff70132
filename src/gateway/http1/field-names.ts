import { token } from './octets.ts'

/** What the reader of a head does with a field. */
export const treat = {
  keep: 0,
  /** Hop-by-hop: it says something about this connection only. */
  drop: 1,
  connection: 2,
  contentLength: 3,
  transferEncoding: 4,
  upgrade: 5,
  keepAlive: 6,
} as const

export interface FieldName {
  readonly lower: string
  readonly treatment: number
}

const treatments = new Map<string, number>([
  ['connection', treat.connection],
  ['content-length', treat.contentLength],
  ['transfer-encoding', treat.transferEncoding],
  ['upgrade', treat.upgrade],
  ['keep-alive', treat.keepAlive],
  ['proxy-connection', treat.drop],
  ['proxy-authenticate', treat.drop],
  ['proxy-authentication-info', treat.drop],
  ['te', treat.drop],
  ['trailer', treat.drop],
  ['http2-settings', treat.drop],
])

const maxCached = 2048
const maxCachedLength = 64

/** The names that one side sends: looked up where they are known, checked where they are not. */
export class FieldNames {
  readonly #known = new Map<string, FieldName>()

  /** @param usual names, in lower case, that have their place however many others are invented */
  constructor(usual: readonly string[] = []) {
    for (const name of usual) {
      this.#readNew(name)
      this.#readNew(name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()))
    }
  }

  /** A name as it came, checked and in lower case; null when it is no token. */
  read(raw: string): FieldName | null {
    const known = this.#known.get(raw)
    return known === undefined ? this.#readNew(raw) : known
  }

  #readNew(raw: string): FieldName | null {
    if (!token.test(raw)) return null
    const lower = raw.toLowerCase()
    const name = { lower, treatment: treatments.get(lower) ?? treat.keep }
    // Full means that somebody invents names: those are checked each time, the cache does not grow.
    if (this.#known.size < maxCached && raw.length <= maxCachedLength) this.#known.set(raw, name)
    return name
  }
}

/** Fields of the framing and of the connection itself: they may not stand among those that are sent on. */
export function isConnectionField(lower: string): boolean {
  return treatments.has(lower) || lower === 'host'
}
