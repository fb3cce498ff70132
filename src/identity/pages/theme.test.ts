import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { describe, test } from 'node:test'
import { contrast, parseColour, white } from './colours.ts'
import { html } from './html.ts'
import { createLooks } from './look.ts'
import { pagesOptions } from './options.ts'
import { type Page, renderPage, toPolicy } from './page.ts'

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>'

async function render(options: object, files: Readonly<Record<string, string | Uint8Array>> = {}) {
  const read = async (reference: string) => Buffer.from(files[reference] ?? '')
  const looks = await createLooks(pagesOptions.parse(options), 'login.example.com', read)
  const page: Page = { title: 'A <title>', content: html`<p>content</p>` }
  const look = looks({ acceptLanguage: undefined })
  return { text: renderPage(page, look), policy: toPolicy(page, look) }
}

/** Whether a browser would let the styles of a page apply. */
function assertStylesAllowed({ text, policy }: { text: string; policy: string }): void {
  const styles = [...text.matchAll(/<style>([\s\S]*?)<\/style>/g)].map((found) => found[1] as string)
  assert.ok(styles.length > 0)
  for (const style of styles) assert.ok(policy.includes(`'sha256-${hash('sha256', style, 'base64')}'`), style)
}

describe('how pages look', () => {
  test('nothing of anybody else stands in them', async () => {
    const page = await render({})
    assert.match(page.text, /<h1>A &lt;title&gt;<\/h1>/)
    assert.doesNotMatch(page.text, /<img|<script|https?:/)
    assert.doesNotMatch(page.policy, /img-src|unsafe/)
    assertStylesAllowed(page)
  })

  test('a name, a logo and colours', async () => {
    const options = { name: 'The <Shop>', logo: 'file:logo.svg', colours: { main: '#0a6b4a', background: '#eeeeee' } }
    const page = await render(options, { 'file:logo.svg': svg })
    assert.match(page.text, /<img class="logo" src="data:image\/svg\+xml;base64,[^"]+" alt="The &lt;Shop&gt;">/)
    assert.match(page.text, /--main:#0a6b4a/)
    assert.match(page.policy, /img-src data:/)
    assertStylesAllowed(page)
  })

  test('buttons can be read in both themes, whatever the colour', async () => {
    for (const main of ['#000000', '#123f8c', '#8b0000', '#5a5a00', '#767676', '#7a00ff']) {
      const { text } = await render({ colours: { main } })
      const [light, dark] = [...text.matchAll(/--paper:(#\w+).*?--main:(#\w+);--on:(#\w+)/g)]
      for (const [, paper = '', colour = '', letters = ''] of [light, dark] as string[][]) {
        const full = paper === '#fff' ? white : parseColour(paper)
        assert.ok(contrast(parseColour(colour), full) >= 4.5, `${main}: ${colour} on ${paper}`)
        assert.ok(contrast(parseColour(letters), parseColour(colour)) >= 4.5, `${main}: ${letters} on ${colour}`)
      }
    }
    assert.throws(() => pagesOptions.parse({ colours: { main: '#ffcc00' } }), /4\.5:1/)
  })

  test('a template of somebody’s own, with its own style', async () => {
    const template =
      '<!doctype html><title>{{title}}</title><style>{{style}}</style><style>h1{color:red}</style>{{ content }}{{name}}'
    const page = await render({ template: 'file:t.html' }, { 'file:t.html': template })
    assert.match(page.text, /<title>A &lt;title&gt;<\/title>.*<p>content<\/p>login\.example\.com$/s)
    assertStylesAllowed(page)
  })

  for (const [template, problem] of [
    ['{{title}}', /\{\{content\}\} is missing/],
    ['{{title}}{{content}}{{titel}}', /there is no \{\{titel\}\}/],
    ['{{title}}{{content}}<script src="x"></script>', /scripts do not run/],
    ['{{title}}{{content}}<p style="color:red">', /style attributes/],
    ['{{title}}{{content}}<link rel=stylesheet>', /style sheets elsewhere/],
    ['{{title}}{{content}}<p onclick="x()">', /handlers of events/],
    [`{{title}}{{content}}${' '.repeat(70_000)}`, /64 KiB/],
  ] as const) {
    test(`a template is refused: ${template.slice(0, 50)}`, () =>
      assert.rejects(render({ template: 'file:t.html' }, { 'file:t.html': template }), problem))
  }

  for (const [logo, problem] of [
    ['<html></html>', /must be SVG, PNG or WebP/],
    ['', /must be SVG, PNG or WebP/],
    [`${svg}${' '.repeat(17_000)}`, /16 KiB/],
  ] as const) {
    test(`a logo is refused: ${logo.slice(0, 20)}`, () =>
      assert.rejects(render({ logo: 'file:l' }, { 'file:l': logo }), problem))
  }
})
