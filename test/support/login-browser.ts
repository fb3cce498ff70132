/** A browser as far as a login needs one: cookies with their paths, redirects that stay, forms that are sent. */
export class LoginBrowser {
  /** Which instance is asked: each request may go to another one. */
  readonly #route: (url: string) => string
  readonly #cookies = new Map<string, { readonly value: string; readonly path: string }>()

  /** Sent with every request. */
  readonly #headers: Record<string, string>

  constructor(route: (url: string) => string = (url) => url, headers: Record<string, string> = {}) {
    this.#route = route
    this.#headers = headers
  }

  get cookies(): ReadonlyMap<string, { readonly value: string; readonly path: string }> {
    return this.#cookies
  }

  async request(url: string, init: RequestInit = {}): Promise<Response> {
    const { pathname } = new URL(url)
    const cookie = [...this.#cookies]
      .filter(([, { path }]) => pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ')
    const headers = { ...this.#headers, ...(init.headers as Record<string, string>), ...(cookie !== '' && { cookie }) }
    const response = await fetch(this.#route(url), { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) this.#take(line)
    return response
  }

  /** Follows redirects as long as they stay at one origin; answers where that ends. */
  async follow(url: string, init: RequestInit = {}): Promise<{ url: string; response: Response }> {
    const { origin } = new URL(url)
    let [at, response] = [url, await this.request(url, init)]
    for (let turn = 0; turn < 10; turn++) {
      const location = response.headers.get('location')
      if (location === null) return { url: at, response }
      const next = new URL(location, at)
      at = next.href
      if (next.origin !== origin) return { url: at, response }
      // A client's own page on this machine, where nobody is.
      if (next.pathname === '/callback') return { url: at, response }
      response = await this.request(at)
    }
    throw new Error('it redirects for ever')
  }

  submit(url: string, fields: Record<string, string>) {
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      origin: new URL(url).origin,
      'sec-fetch-site': 'same-origin',
    }
    return this.follow(url, { method: 'POST', body: new URLSearchParams(fields).toString(), headers })
  }

  /** From the authorization request to where the browser is sent in the end. */
  async logIn(authorizeUrl: string, login: { username: string; password: string }): Promise<string> {
    let at = await this.#look(await this.follow(authorizeUrl))
    if (at.page.includes('name="password"')) at = await this.#look(await this.submit(at.url, login))
    if (at.page.includes('Allow')) at = await this.#look(await this.submit(`${at.url}/consent`, {}))
    return at.url
  }

  /** The page of a step, where there is one. */
  async #look({ url, response }: { url: string; response: Response }): Promise<{ url: string; page: string }> {
    const isStep = response.status < 300 && /\/login\/[^/]+$/.test(new URL(url).pathname)
    return { url, page: isStep ? await response.text() : '' }
  }

  /** Puts a cookie of another browser into this one. */
  take(name: string, value: string, path = '/'): void {
    this.#cookies.set(name, { value, path })
  }

  #take(line: string): void {
    const [pair = '', ...attributes] = line.split(/;\s*/)
    const [name = '', value = ''] = pair.split(/=(.*)/s)
    const path = attributes.find((one) => /^path=/i.test(one))?.slice(5) ?? '/'
    if (value === '') this.#cookies.delete(name)
    else this.#cookies.set(name, { value, path })
  }
}
