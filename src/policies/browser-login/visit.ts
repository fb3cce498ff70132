import type { FieldPairs } from '../../core/decision.ts'
import type { ProbePerson, SendOnWalk, WalkAnswer } from '../../core/probe.ts'
import { WalkStopped } from '../../core/walk.ts'
import { locationOf, WalkBrowser } from '../../core/walk-browser.ts'
import type { BrowserLoginOptions } from './options.ts'

export interface VisitOptions {
  readonly options: BrowserLoginOptions
  readonly person: ProbePerson
  /** Where browsers find the application. */
  readonly origin: string
  /** The name of the session's cookie. */
  readonly cookie: string
}

/** Three parts that each begin as JSON or hold it: no state of ours looks so. */
const token = /eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*|"?(?:access|refresh|id)_token"?[:=]/
const script: FieldPairs = [['sec-fetch-site', 'same-origin']]
const navigation: FieldPairs = [
  ['sec-fetch-mode', 'navigate'],
  ['sec-fetch-site', 'none'],
]

/** Somebody with a browser at the application, who logs in at the identity server. */
export class ApplicationVisit {
  readonly #send: SendOnWalk
  readonly #with: VisitOptions
  readonly #browser: WalkBrowser
  /** What the application answered. */
  readonly #seen: WalkAnswer[] = []

  constructor(send: SendOnWalk, options: VisitOptions) {
    this.#send = send
    this.#with = options
    this.#browser = new WalkBrowser(send)
  }

  /** What stands in the session's cookie. */
  get session(): string {
    return this.#browser.cookies.get(this.#with.cookie) ?? ''
  }

  /** Puts a session into the browser that somebody chose. */
  plant(session: string): void {
    this.#browser.plant(this.#with.cookie, session)
  }

  /** Begins a login; answers where the browser is sent to. */
  async begin(to = '/'): Promise<URL> {
    const query = `to=${encodeURIComponent(to)}`
    const answer = this.#note(
      await this.#browser.ask('GET', this.#with.options.paths.login, { headers: navigation, query }),
    )
    const location = locationOf(answer, this.#with.origin)
    if (answer.status !== 303 || !location.searchParams.has('state'))
      throw new WalkStopped(`no login began (${answer.status})`)
    return location
  }

  /** A login up to the address that the identity server sends the browser back to, which nobody opens yet. */
  async comeBack(to?: string): Promise<URL> {
    return this.#with.person.logIn(this.#send, await this.begin(to))
  }

  /** Opens what the identity server, or somebody else, sends the browser to. */
  async receive(url: URL): Promise<WalkAnswer> {
    return this.#note(await this.#browser.open(url, navigation))
  }

  /** The same where it has to come to a session. */
  async take(url: URL): Promise<WalkAnswer> {
    const answer = await this.receive(url)
    if (answer.status >= 400 || this.session === '')
      throw new WalkStopped(`the login came to nothing (${answer.status})`)
    return answer
  }

  async logIn(): Promise<void> {
    await this.take(await this.comeBack())
  }

  /** Asks as a page does who is logged in; answers the status. */
  async askWho(): Promise<number> {
    return this.#note(await this.#browser.ask('GET', this.#with.options.paths.me, { headers: script })).status
  }

  async logOut(): Promise<void> {
    const { status } = await this.#browser.ask('POST', this.#with.options.paths.logout, { headers: script })
    if (status >= 400) throw new WalkStopped(`the logout was answered ${status}`)
  }

  leadsElsewhere(answer: WalkAnswer): boolean {
    const [, refreshed = ''] = /http-equiv="refresh" content="0;url=([^"]*)"/.exec(answer.body) ?? []
    const to = answer.headers.get('location')?.[0] ?? refreshed
    return URL.parse(to, this.#with.origin)?.origin !== this.#with.origin
  }

  /** What the application gave away, in words; null where that is nothing. */
  findExposed(): string | null {
    const lines = this.#seen.flatMap(({ headers }) => headers.get('set-cookie') ?? [])
    const cookie = lines.find((line) => line.startsWith(`${this.#with.cookie}=`)) ?? ''
    const lacking = ['HttpOnly', 'Secure', 'SameSite'].find((name) => !new RegExp(`; *${name}`, 'i').test(cookie))
    if (lacking !== undefined) return `the cookie has no ${lacking}`
    const shows = ({ headers, body }: WalkAnswer) => [...headers.values(), body].flat().some((text) => token.test(text))
    return this.#seen.some(shows) ? 'a token is shown' : null
  }

  #note(answer: WalkAnswer): WalkAnswer {
    this.#seen.push(answer)
    return answer
  }
}

/** What is wrong with an answer that must refuse a login. */
export function judgeRefused({ status, headers }: WalkAnswer): string | null {
  const given = (headers.get('set-cookie') ?? []).some((line) => !/^[^=]*=;/.test(line))
  if (status !== 403) return `it was answered ${status}`
  return given ? 'a cookie was set' : null
}
