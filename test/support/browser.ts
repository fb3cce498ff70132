import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Browser, type BrowserContext, chromium, type Frame, type Page } from 'playwright-core'
import { requireService } from './services.ts'

/** What the browser takes for the internet: names that lead to ports of this machine, and nothing else. */
export interface Network {
  /** Host and port as a page names them, such as `app.example.test:443`, and the port that answers. */
  readonly ports: Readonly<Record<string, number>>
  /** Trusted as if a public authority had issued it, so that pages are secure contexts and HSTS counts. */
  readonly certificate: { readonly cert: string }
  /** Further switches of Chromium. */
  readonly switches?: readonly string[]
}

/** Who sits before the browser. */
export interface Visitor {
  readonly context: BrowserContext
  /** A new tab with this page. */
  open(url: string): Promise<Page>
}

export interface BrowserTestOptions {
  /**
   * Runs with a profile of its own: caches, preflights and HSTS rules of the others would change its outcome.
   * Making a profile takes longer than most tests.
   */
  readonly fresh?: boolean
}

/** Declares a test that runs in Chromium, without the tabs, cookies and permissions of those before. */
export type BrowserTest = (name: string, run: (visitor: Visitor) => Promise<void>, options?: BrowserTestOptions) => void

/**
 * Starts one Chromium for the tests of a file, with its first test. Without Chromium they are skipped by name.
 * @param network is asked once, when servers have their ports
 */
export function createBrowserTest(network: () => Network): BrowserTest {
  let browser: Promise<Browser> | null = null
  let shared: Promise<BrowserContext> | null = null
  after(async () => (await browser)?.close())

  async function openContext(program: string): Promise<BrowserContext> {
    browser ??= launch(program, network())
    const context = await (await browser).newContext()
    context.setDefaultTimeout(10_000)
    return context
  }

  return (name, run, { fresh = false } = {}) => {
    test(name, async (t) => {
      const program = requireService(t, 'chromium')
      if (program === undefined) return
      if (!fresh) shared ??= openContext(program)
      const context = await (fresh || shared === null ? openContext(program) : shared)
      const open = async (url: string) => {
        const page = await context.newPage()
        await page.goto(url)
        return page
      }
      try {
        await run({ context, open })
      } finally {
        if (fresh) await context.close()
        else if (!(await clear(context))) shared = null
      }
    })
  }
}

const closingMs = 10_000

/**
 * False where its tabs are not gone in time: one that is closed while it goes somewhere may never say so. The context is then
 * not to be used again; it ends with the browser.
 */
async function clear(context: BrowserContext): Promise<boolean> {
  const closed = Promise.all(context.pages().map((page) => page.close())).then(() => true)
  if (!(await Promise.race([closed, sleep(closingMs, false, { ref: false })]))) return false
  await context.clearCookies()
  await context.clearPermissions()
  return true
}

function launch(program: string, { ports, certificate, switches = [] }: Network): Promise<Browser> {
  const rules = Object.entries(ports).map(([name, port]) => `MAP ${name} 127.0.0.1:${port}`)
  const key = new X509Certificate(certificate.cert).publicKey.export({ type: 'spki', format: 'der' })
  return chromium.launch({
    executablePath: program,
    args: [
      `--host-resolver-rules=${[...rules, 'MAP *.test 127.0.0.1', 'MAP * ~NOTFOUND'].join(', ')}`,
      `--ignore-certificate-errors-spki-list=${createHash('sha256').update(key).digest('base64')}`,
      ...switches,
    ],
  })
}

/** A call as a page makes it. */
export interface PageRequest {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly credentials?: 'include' | 'omit' | 'same-origin'
}

/** What a page gets of an answer. */
export interface ReadAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Calls `fetch` in a page and reads the answer; null where the browser lets the page have none. */
export function fetchIn(page: Page | Frame, url: string, init: PageRequest = {}): Promise<ReadAnswer | null> {
  return page.evaluate(
    async ({ url, init }) => {
      try {
        const response = await fetch(url, init)
        return {
          status: response.status,
          headers: Object.fromEntries(response.headers.entries()),
          body: await response.text(),
        }
      } catch {
        return null
      }
    },
    { url, init },
  )
}

/** As `fetchIn`, where the page must get an answer. */
export async function readIn(page: Page | Frame, url: string, init: PageRequest = {}): Promise<ReadAnswer> {
  const answer = await fetchIn(page, url, init)
  assert.ok(answer !== null, `the page could not read ${url}`)
  return answer
}
