import type { FieldPairs } from './decision.ts'
import type { ProbeRequest, SendOnWalk, WalkAnswer } from './probe.ts'
import { WalkStopped } from './walk.ts'

type Asked = Pick<ProbeRequest, 'headers' | 'query' | 'body'>

/** A browser as far as a walk needs one: it keeps cookies, and sends requests that endpoints answer themselves. */
export class WalkBrowser {
  readonly #send: SendOnWalk
  readonly #cookies = new Map<string, string>()

  constructor(send: SendOnWalk) {
    this.#send = send
  }

  get cookies(): ReadonlyMap<string, string> {
    return this.#cookies
  }

  /** A cookie that somebody else put there. */
  plant(name: string, value: string): void {
    this.#cookies.set(name, value)
  }

  async ask(method: string, path: string, { headers = [], ...rest }: Asked = {}): Promise<WalkAnswer> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const all: FieldPairs = cookie === '' ? headers : [...headers, ['cookie', cookie]]
    const answer = await this.#send({ method, path, ...rest, headers: all, as: 'none', toEndpoint: true })
    if (answer === null) throw new WalkStopped('no answer came')
    for (const line of answer.headers.get('set-cookie') ?? []) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s)
      if (value === '') this.#cookies.delete(name)
      else this.#cookies.set(name, value)
    }
    return answer
  }

  /** As a browser goes where a link or a redirect leads. */
  open({ pathname, search }: URL, headers: FieldPairs = []): Promise<WalkAnswer> {
    return this.ask('GET', pathname, { headers, ...(search !== '' && { query: search.slice(1) }) })
  }
}

/** Where an answer sends a browser to; the beginning of the site where it sends it nowhere. */
export function locationOf({ headers }: WalkAnswer, origin: string): URL {
  return URL.parse(headers.get('location')?.[0] ?? '', origin) ?? new URL(origin)
}
