import { hash } from 'node:crypto'
import { Html, html } from './html.ts'
import { readLogo } from './logo.ts'
import type { PagesOptions } from './options.ts'
import { createStyle } from './style.ts'
import { defaultTemplate, parseTemplate, type Template } from './template.ts'

/** How the pages of one site look. */
export interface Theme {
  readonly name: string
  readonly template: Template
  readonly style: Html
  /** Markup above the heading; null: none. */
  readonly logo: Html | null
  /** What lets the styles of these pages, and no other, apply. */
  readonly styleSources: string
}

/**
 * @param site what it is called where the options give no name
 * @param read what stands in a file, by its reference
 * Rejects where a file cannot be read, or is not what it should be.
 */
export async function createTheme(
  options: PagesOptions,
  site: string,
  read: (reference: string) => Promise<Uint8Array>,
): Promise<Theme> {
  const { name = site, logo, colours, template } = options
  const style = createStyle(colours)
  const frame = template === undefined ? defaultTemplate : parseTemplate(template, await read(template))
  const source = logo === undefined ? null : readLogo(logo, await read(logo))
  const styles = [...(frame.names.has('style') ? [style] : []), ...frame.styles]
  return {
    name,
    template: frame,
    style: new Html(style),
    logo: source === null ? null : html`<img class="logo" src="${source}" alt="${name}">`,
    styleSources: styles.map((text) => `'sha256-${hash('sha256', text, 'base64')}'`).join(' ') || "'none'",
  }
}
