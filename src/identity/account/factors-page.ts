import { type Html, html } from '../pages/html.ts'
import type { Page } from '../pages/page.ts'
import type { Texts } from '../texts/texts.ts'

export interface FactorsPage {
  /** The path of this page, which those of the forms are below. */
  readonly path: string
  readonly back: string
  readonly factors: readonly {
    readonly id: string
    readonly label: string | null
    readonly createdAt: number
    readonly lastUsedAt: number | null
  }[]
  /** How many recovery codes are left; null where nobody has any. */
  readonly codesLeft: number | null
  readonly devices: readonly { readonly id: string; readonly browser: string | null; readonly since: number }[]
  readonly full: boolean
}

/** What an account is protected by beside its password. */
export function createFactorsPage(texts: Texts, page: FactorsPage): Page {
  const { path, back, factors, codesLeft, devices, full } = page
  const { say } = texts
  const day = (at: number) => new Date(at).toISOString().slice(0, 10)
  const button = (action: string, label: string, fields: Html | null = null) =>
    html`<form method="post" action="${path}/${action}">${fields}<button type="submit" class="second">${label}</button></form>`
  const id = (value: string) => html`<input type="hidden" name="id" value="${value}">`
  const lines = factors.map(({ id: one, label, createdAt, lastUsedAt }) => {
    const name = label ?? say('factors.app')
    const used = lastUsedAt === null ? say('factors.unused') : say('factors.used', { day: day(lastUsedAt) })
    return html`<li><strong>${name}</strong>, ${say('factors.since', { day: day(createdAt) })}, ${used}
${button('remove', say('factors.remove', { name }), id(one))}</li>`
  })
  const remembered = devices.map(
    ({ id: one, browser, since }) =>
      html`<li>${browser ?? say('factors.browser')}, ${say('factors.since', { day: day(since) })}
${button('forget', say('factors.forget'), id(one))}</li>`,
  )
  return {
    title: say('factors.title'),
    content: html`<p>${say(factors.length === 0 ? 'factors.none' : 'factors.some')}</p>
${lines.length === 0 ? null : html`<ul>${lines}</ul>`}
${full ? null : html`<p><a href="${path}/totp">${say('factors.add')}</a></p>`}
${codesLeft === null ? null : html`<h2>${say('factors.codes')}</h2><p>${say('factors.codesLeft', { count: codesLeft })}</p>${button('recovery', say('factors.newCodes'))}`}
${remembered.length === 0 ? null : html`<h2>${say('factors.devices')}</h2><ul>${remembered}</ul>`}
<p><a href="${back}">${say('account.back')}</a></p>`,
  }
}
