import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'

/** What runs in pages, as text: in no module, and past their content policy. */
const inPage = readFileSync(new URL('page-problems.js', import.meta.url), 'utf8').replaceAll(/^export /gm, '')

function ask<Answer>(page: Page, call: string): Promise<Answer> {
  return page.evaluate(`(() => {${inPage}; return ${call} })()`)
}

/**
 * What is wrong with a page for who sees little, uses the keyboard or a phone, or has it read to them (WCAG 2.2 AA as far
 * as a program can tell), in words; empty: nothing. The focus is afterwards where it was.
 */
export async function findPageProblems(page: Page, language: string): Promise<string[]> {
  const problems = [...(await find(page, language)), ...(await tabThrough(page))]
  await page.emulateMedia({ colorScheme: 'dark' })
  for (const problem of await find(page, language))
    if (!problems.includes(problem)) problems.push(`on dark pages: ${problem}`)
  await page.emulateMedia({ colorScheme: 'light' })
  const size = page.viewportSize() ?? { width: 1200, height: 900 }
  // A page of 1280 pixels at 400 % (WCAG 2.2, 1.4.10).
  await page.setViewportSize({ width: 320, height: 640 })
  const beyond = await ask<number>(page, 'document.documentElement.scrollWidth - document.documentElement.clientWidth')
  if (beyond > 0) problems.push(`it has to be scrolled sideways on a phone, by ${beyond} pixels`)
  await page.setViewportSize(size)
  return problems
}

function find(page: Page, language: string): Promise<string[]> {
  return ask(page, `findProblems(${JSON.stringify(language)})`)
}

interface Focus {
  /** What can have it, in the order of the page. */
  readonly names: readonly string[]
  /** Which of them has it, -1: none. */
  readonly at: number
  /** How thick the line around it is, in pixels. */
  readonly outline: number
}

/** Presses the tab key until everything was reached: in the order of the page, and seen to be. */
async function tabThrough(page: Page): Promise<string[]> {
  const { names, at: first } = await ask<Focus>(page, 'readFocus()')
  const seen: number[] = []
  const problems: string[] = []
  for (let i = 0; i <= names.length && seen.length < names.length; i++) {
    await page.keyboard.press('Tab')
    const { at, outline } = await ask<Focus>(page, 'readFocus()')
    // Between the last and the first, the focus is with the browser itself.
    if (at < 0) continue
    seen.push(at)
    if (outline < 2) problems.push(`it is not seen that ${names[at]} has the focus`)
  }
  const begin = seen.indexOf(0)
  const order = begin < 0 ? seen : [...seen.slice(begin), ...seen.slice(0, begin)]
  if (order.join() !== names.map((_, i) => i).join())
    problems.push(`the tab key reaches ${seen.map((i) => names[i]).join(', ')} instead of ${names.join(', ')}`)
  await ask(page, `setFocus(${first})`)
  return problems
}
