import { createHash, randomBytes } from 'node:crypto'
import type { SendOnWalk, WalkAnswer } from '../../core/probe.ts'
import { loginPath, providerPaths, toMount } from '../endpoints.ts'
import { proofRedirectUri, type Visitors } from './visitors.ts'

export interface Redeemed extends WalkAnswer {
  readonly refreshToken: string | null
}

/** A walk that cannot go on. */
export class WalkStopped extends Error {}

/** Somebody with a browser at the identity server, and the client that they log in to. */
export class Visit {
  readonly #send: SendOnWalk
  readonly #mount: string
  readonly #origin: string
  readonly #visitors: Visitors
  readonly #cookies = new Map<string, string>()
  readonly #verifier = randomBytes(32).toString('base64url')

  constructor(send: SendOnWalk, issuer: string, visitors: Visitors) {
    this.#send = send
    this.#mount = toMount(issuer).mount
    this.#origin = new URL(issuer).origin
    this.#visitors = visitors
  }

  get cookies(): ReadonlyMap<string, string> {
    return this.#cookies
  }

  /** A cookie that somebody else put there. */
  plant(name: string, value: string): void {
    this.#cookies.set(name, value)
  }

  /** Begins a login; answers the path of its page. */
  async begin(): Promise<string> {
    const query = new URLSearchParams({
      client_id: this.#visitors.client,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: proofRedirectUri,
      code_challenge: createHash('sha256').update(this.#verifier).digest('base64url'),
      code_challenge_method: 'S256',
    })
    const answer = await this.#ask('GET', this.#mount + providerPaths.authorization, { query: query.toString() })
    const { pathname } = this.#locationOf(answer)
    if (answer.status !== 303 || !pathname.startsWith(`${this.#mount}${loginPath}/`))
      throw new WalkStopped(`no login began (${answer.status})`)
    return pathname
  }

  /** Sends the form of the login page. */
  submit(path: string, login: { readonly username: string; readonly password: string }, origin = this.#origin) {
    return this.#post(path, { ...login }, origin)
  }

  /** From the beginning to the code that the client is sent. */
  async logIn(): Promise<string> {
    const { username, password } = this.#visitors
    const path = await this.begin()
    let answer = await this.submit(path, { username, password })
    // What comes between is another step at most, which is this server's own business.
    for (let turn = 0; turn < 3; turn++) {
      if (answer.status !== 303) throw new WalkStopped(`the login did not go on (${answer.status})`)
      const location = this.#locationOf(answer)
      const code = location.searchParams.get('code')
      if (location.href.startsWith(proofRedirectUri) && code !== null) return code
      if (location.pathname.startsWith(`${this.#mount}${loginPath}/`))
        throw new WalkStopped('the login asks for more than a password')
      answer = await this.#ask('GET', location.pathname, {})
    }
    throw new WalkStopped('the login has no end')
  }

  redeem(code: string, changes: Readonly<Record<string, string>> = {}): Promise<Redeemed> {
    return this.#token({
      grant_type: 'authorization_code',
      code,
      redirect_uri: proofRedirectUri,
      code_verifier: this.#verifier,
      ...changes,
    })
  }

  refresh(token: string): Promise<Redeemed> {
    return this.#token({ grant_type: 'refresh_token', refresh_token: token })
  }

  async #token(fields: Readonly<Record<string, string>>): Promise<Redeemed> {
    const all = { client_id: this.#visitors.client, ...fields }
    const answer = await this.#post(this.#mount + providerPaths.token, all, null)
    return { ...answer, refreshToken: refreshTokenOf(answer) }
  }

  #post(path: string, fields: Readonly<Record<string, string>>, origin: string | null): Promise<WalkAnswer> {
    const headers = [['content-type', 'application/x-www-form-urlencoded'] as const]
    const body = new URLSearchParams(fields).toString()
    return this.#ask('POST', path, { headers: origin === null ? headers : [...headers, ['origin', origin]], body })
  }

  async #ask(
    method: string,
    path: string,
    { headers = [], ...rest }: Pick<Parameters<SendOnWalk>[0], 'headers' | 'query' | 'body'>,
  ): Promise<WalkAnswer> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const all = cookie === '' ? headers : [...headers, ['cookie', cookie] as const]
    const answer = await this.#send({ method, path, ...rest, headers: all, as: 'none', toEndpoint: true })
    if (answer === null) throw new WalkStopped('no answer came')
    for (const line of answer.headers.get('set-cookie') ?? []) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s)
      if (value === '') this.#cookies.delete(name)
      else this.#cookies.set(name, value)
    }
    return answer
  }

  #locationOf({ headers }: WalkAnswer): URL {
    return URL.parse(headers.get('location')?.[0] ?? '', this.#origin) ?? new URL(this.#origin)
  }
}

function refreshTokenOf({ body }: WalkAnswer): string | null {
  try {
    const { refresh_token: token } = JSON.parse(body) as { readonly refresh_token?: unknown }
    return typeof token === 'string' ? token : null
  } catch {
    return null
  }
}
