import { escapeHtml, type Html } from './html.ts'
import type { Look } from './look.ts'
import { passkeyScript, passkeyScriptSource } from './passkey-script.ts'
import { sendScript, sendScriptSource } from './send-script.ts'

export interface Page {
  readonly title: string
  readonly content: Html
  /** Where the answer to a form may lead beside our own pages: browsers ask for it on the way back to the client. */
  readonly formTargets?: readonly string[]
  /** The one script that a page may have: without it, none runs. */
  readonly script?: keyof typeof scripts
}

const scripts = {
  passkeys: { text: passkeyScript, source: passkeyScriptSource },
  send: { text: sendScript, source: sendScriptSource },
} as const

/** A page with nothing of anybody else's in it: no script, no frame, and no picture but the site's own. */
export function renderPage({ title, content, script }: Page, { texts, theme }: Look): string {
  const values: Readonly<Record<string, string>> = {
    language: texts.language,
    title: escapeHtml(title),
    name: escapeHtml(theme.name),
    style: theme.style.text,
    logo: theme.logo?.text ?? '',
    content: script === undefined ? content.text : `${content.text}\n<script>${scripts[script].text}</script>`,
  }
  return theme.template.parts.map((part, i) => (i % 2 === 0 ? part : (values[part] ?? ''))).join('')
}

export function toPolicy({ formTargets = [], script }: Pick<Page, 'formTargets' | 'script'>, { theme }: Look): string {
  return [
    "default-src 'none'",
    `style-src ${theme.styleSources}`,
    ...(script === undefined ? [] : [`script-src ${scripts[script].source}`]),
    ...(theme.logo === null ? [] : ['img-src data:']),
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
