import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { BrowserContext, Locator, Page } from 'playwright-core'
import { de } from '../../src/identity/texts/de.ts'
import { en, type TextKey } from '../../src/identity/texts/en.ts'
import { createTexts, type Texts, type TextValues } from '../../src/identity/texts/texts.ts'
import { findPageProblems } from './page-checks.ts'

export type Language = 'en' | 'de'

/** A text of the pages, with values where it has places for them. */
export type Said = TextKey | readonly [key: TextKey, values: TextValues]

/** Somebody who goes through the pages of the identity server, and finds everything by what can be read there. */
export interface Walker {
  readonly context: BrowserContext
  readonly page: Page
  readonly language: Language
  say(said: Said): string
  /** Types an address, or opens a link of a mail; the page has this heading. */
  open(url: string, title: Said): Promise<void>
  /** Presses a button or follows a link, which leads to the page with this heading. */
  press(said: Said, title: Said): Promise<void>
  /** The same, where it leads to a site elsewhere. */
  leave(said: Said, hostname: string): Promise<URL>
  type(label: Said, text: string): Promise<void>
  check(label: Said): Promise<void>
  /** Waits for a text; what screen readers say at once where it is about a problem. */
  read(said: Said | RegExp, role?: 'alert'): Promise<void>
  /** Nothing went wrong since the last page. */
  close(): Promise<void>
}

export interface WalkerOptions {
  readonly language: Language
  /** The pages' own origin: nothing else is asked for anything while one of them is shown. */
  readonly origin: string
  /** Touches no mouse. */
  readonly keyboard?: boolean
  /** Without it, no script runs, as where people switch it off. */
  readonly script?: boolean
  /** Pages that were looked at already, by what stands on them. */
  readonly looked: Set<string>
  /** Told of every request, as method and address. */
  readonly onRequest: (method: string, url: string) => void
  /** Folder for pictures of every page, on a desk and on a phone; for people to look at. */
  readonly pictures?: string | undefined
}

const desk = { width: 1200, height: 900 }
const phone = { width: 360, height: 740 }

/** Every page that a walker comes to is checked: for who cannot see it well, and for what it loads and breaks. */
export async function createWalker(browserContext: BrowserContext, options: WalkerOptions): Promise<Walker> {
  const { language, origin, keyboard = false, script = false, looked, onRequest, pictures } = options
  const locale = language === 'en' ? 'en-GB' : 'de-DE'
  const browser = browserContext.browser()
  assert.ok(browser !== null)
  const context = await browser.newContext({ javaScriptEnabled: script, locale, viewport: desk })
  context.setDefaultTimeout(10_000)
  const page = await context.newPage()
  const { say } = toTexts(language)
  const told = (said: Said) => (typeof said === 'string' ? say(said) : say(...said))
  const problems: string[] = []

  page.on('pageerror', ({ message }) => problems.push(message))
  page.on('console', (message) => {
    // A page that says what is wrong has the status of an error, which browsers tell the console.
    const isStatus = /^Failed to load resource: .* status of 4/.test(message.text())
    if (message.type() === 'error' && !isStatus) problems.push(message.text())
  })
  context.on('request', (request) => {
    onRequest(request.method(), request.url())
    if (request.isNavigationRequest() || !page.url().startsWith(origin)) return
    problems.push(`it loads ${request.url()}`)
  })

  /** Looks at a page that was not seen before, or says something that it did not. */
  async function look(): Promise<void> {
    const path = new URL(page.url()).pathname.replace(/\/login\/[^/]+/, '/login')
    const [title, ...alerts] = await page.locator('h1, [role=alert]').allInnerTexts()
    const shown = [language, path, title, ...alerts].join(' ')
    if (looked.has(shown)) return
    looked.add(shown)
    problems.push(...(await findPageProblems(page, language)))
    assert.deepEqual(problems, [], `${shown}: ${problems.join('; ')}`)
    if (pictures !== undefined) await takePictures(page, pictures, shown)
  }

  async function arrive(act: () => Promise<unknown>, title: Said): Promise<void> {
    await Promise.all([page.waitForEvent('framenavigated'), act()])
    await page.getByRole('heading', { level: 1, name: told(title), exact: true }).waitFor()
    await page.waitForLoadState()
    await look()
  }

  const find = (said: Said) => {
    const named = { name: told(said), exact: true }
    return page.getByRole('button', named).or(page.getByRole('link', named))
  }
  const findField = (label: Said) => page.getByLabel(told(label), { exact: true })
  const use = (control: Locator) => (keyboard ? reach(page, control, 'Enter') : control.click())

  return {
    ...{ context, page, language, say: told },
    open: (url, title) => arrive(() => page.goto(url), title),
    press: (said, title) => arrive(() => use(find(said)), title),
    async leave(said, hostname) {
      await Promise.all([page.waitForURL((url) => url.hostname === hostname), use(find(said))])
      return new URL(page.url())
    },
    async type(label, text) {
      if (!keyboard) return findField(label).fill(text)
      await reach(page, findField(label), 'ControlOrMeta+A')
      await page.keyboard.type(text)
    },
    check: (label) => (keyboard ? reach(page, findField(label), 'Space') : findField(label).check()),
    async read(said, role) {
      const text = said instanceof RegExp ? said : told(said)
      await (role === undefined ? page.getByText(text) : page.getByRole(role).filter({ hasText: text }))
        .first()
        .waitFor()
    },
    async close() {
      assert.deepEqual(problems, [])
      await context.close()
    },
  }
}

/** Presses the tab key until something has the focus, as it may have already; then another key. */
async function reach(page: Page, control: Locator, key: string): Promise<void> {
  const focused = control.and(page.locator(':focus'))
  for (let presses = 0; (await focused.count()) === 0; presses++) {
    assert.ok(presses < 40, `the tab key does not reach ${control}`)
    await page.keyboard.press('Tab')
  }
  await page.keyboard.press(key)
}

async function takePictures(page: Page, folder: string, name: string): Promise<void> {
  const file = name.replaceAll(/[^\p{L}\p{N}]+/gu, '-').slice(0, 120)
  for (const [suffix, size] of Object.entries({ desk, phone })) {
    await page.setViewportSize(size)
    await page.screenshot({ path: join(folder, `${file}.${suffix}.png`), fullPage: true })
  }
  await page.setViewportSize(desk)
}

function toTexts(language: Language): Texts {
  return createTexts(language, language === 'en' ? en : de)
}
