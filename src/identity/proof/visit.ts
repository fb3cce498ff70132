import { createHash, randomBytes } from 'node:crypto'
import type { FieldPairs } from '../../core/decision.ts'
import type { SendOnWalk, WalkAnswer } from '../../core/probe.ts'
import { WalkStopped } from '../../core/walk.ts'
import { WalkBrowser } from '../../core/walk-browser.ts'
import { providerPaths, toMount } from '../endpoints.ts'
import { LoginPages } from './login-pages.ts'
import { proofRedirectUri, type Visitors } from './visitors.ts'

export interface Redeemed extends WalkAnswer {
  readonly refreshToken: string | null
}

/** Somebody with a browser at the identity server, and the client that they log in to. */
export class Visit {
  readonly #mount: string
  readonly #origin: string
  readonly #visitors: Visitors
  readonly #browser: WalkBrowser
  readonly #pages: LoginPages
  readonly #verifier = randomBytes(32).toString('base64url')

  constructor(send: SendOnWalk, issuer: string, visitors: Visitors) {
    this.#mount = toMount(issuer).mount
    this.#origin = new URL(issuer).origin
    this.#visitors = visitors
    this.#browser = new WalkBrowser(send)
    this.#pages = new LoginPages(this.#browser, issuer)
  }

  get cookies(): ReadonlyMap<string, string> {
    return this.#browser.cookies
  }

  /** A cookie that somebody else put there. */
  plant(name: string, value: string): void {
    this.#browser.plant(name, value)
  }

  /** Begins a login; answers the path of its page. */
  begin(): Promise<string> {
    const url = new URL(this.#origin + this.#mount + providerPaths.authorization)
    url.search = new URLSearchParams({
      client_id: this.#visitors.client,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: proofRedirectUri,
      code_challenge: createHash('sha256').update(this.#verifier).digest('base64url'),
      code_challenge_method: 'S256',
    }).toString()
    return this.#pages.begin(url)
  }

  /** Sends the form of the login page. */
  submit(path: string, login: { readonly username: string; readonly password: string }, origin = this.#origin) {
    return this.#pages.submit(path, login, origin)
  }

  /** From the beginning to the code that the client is sent. */
  async logIn(): Promise<string> {
    const back = await this.#pages.logIn(await this.begin(), this.#visitors)
    const code = back.searchParams.get('code')
    if (!back.href.startsWith(proofRedirectUri) || code === null) throw new WalkStopped('the login came to no code')
    return code
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
    const body = new URLSearchParams({ client_id: this.#visitors.client, ...fields }).toString()
    const headers: FieldPairs = [['content-type', 'application/x-www-form-urlencoded']]
    const answer = await this.#browser.ask('POST', this.#mount + providerPaths.token, { headers, body })
    return { ...answer, refreshToken: refreshTokenOf(answer) }
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
