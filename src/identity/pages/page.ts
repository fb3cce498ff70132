import { type Html, html, Html as Markup } from './html.ts'
import type { Look } from './look.ts'
import { passkeyScript, passkeyScriptSource } from './passkey-script.ts'
import { style, styleSource } from './style.ts'

export interface Page {
  readonly title: string
  readonly content: Html
  /** Where the answer to a form may lead beside our own pages: browsers ask for it on the way back to the client. */
  readonly formTargets?: readonly string[]
  /** The one script that a page may have: without it, none runs. */
  readonly script?: 'passkeys'
}

/** A page with nothing of anybody else's in it: no script, no picture, no frame. */
export function renderPage({ title, content, script }: Page, { texts }: Look): string {
  const document = html`<!doctype html>
<html lang="${texts.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${content}
</main>
${script === undefined ? null : html`<script>${new Markup(passkeyScript)}</script>`}
</body>
</html>
`
  return document.text
}

export function toPolicy({ formTargets = [], script }: Pick<Page, 'formTargets' | 'script'>): string {
  return [
    "default-src 'none'",
    `style-src ${styleSource}`,
    ...(script === undefined ? [] : [`script-src ${passkeyScriptSource}`]),
    ['form-action', "'self'", ...formTargets].join(' '),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** Where a redirect leads, as `form-action` names it: an origin, or the scheme of an app of the person's own. */
export function toFormTarget(uri: string): string[] {
  const url = URL.parse(uri)
  if (url === null) return []
  return [/^https?:$/.test(url.protocol) ? url.origin : url.protocol]
}
