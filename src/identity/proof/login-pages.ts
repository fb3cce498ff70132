import type { WalkAnswer } from '../../core/probe.ts'
import { WalkStopped } from '../../core/walk.ts'
import { locationOf, type WalkBrowser } from '../../core/walk-browser.ts'
import { loginPath, toMount } from '../endpoints.ts'
import type { MadeUpPerson } from './visitors.ts'

type Login = Pick<MadeUpPerson, 'username' | 'password'>

/** The pages of a login, as a browser goes through them. */
export class LoginPages {
  readonly #browser: WalkBrowser
  readonly #mount: string
  readonly #origin: string

  constructor(browser: WalkBrowser, issuer: string) {
    this.#browser = browser
    this.#mount = toMount(issuer).mount
    this.#origin = new URL(issuer).origin
  }

  /** Asks for an authorization; answers the path of the login page that this leads to. */
  async begin(authorization: URL): Promise<string> {
    const answer = await this.#browser.open(authorization)
    const { pathname } = locationOf(answer, this.#origin)
    if (answer.status !== 303 || !this.#isLogin(pathname)) throw new WalkStopped(`no login began (${answer.status})`)
    return pathname
  }

  /** Sends the form of the login page. */
  submit(path: string, { username, password }: Login, origin = this.#origin): Promise<WalkAnswer> {
    const headers = [
      ['content-type', 'application/x-www-form-urlencoded'],
      ['origin', origin],
    ] as const
    return this.#browser.ask('POST', path, { headers, body: new URLSearchParams({ username, password }).toString() })
  }

  /** From the login page to where the client has its answer sent. */
  async logIn(path: string, login: Login): Promise<URL> {
    let answer = await this.submit(path, login)
    // What comes between is another step at most, which is this server's own business.
    for (let turn = 0; turn < 3; turn++) {
      if (answer.status !== 303) throw new WalkStopped(`the login did not go on (${answer.status})`)
      const location = locationOf(answer, this.#origin)
      if (location.searchParams.has('code')) return location
      if (this.#isLogin(location.pathname)) throw new WalkStopped('the login asks for more than a password')
      answer = await this.#browser.open(location)
    }
    throw new WalkStopped('the login has no end')
  }

  #isLogin(path: string): boolean {
    return path.startsWith(`${this.#mount}${loginPath}/`)
  }
}
