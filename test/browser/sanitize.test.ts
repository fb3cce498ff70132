// What the encoders and presets of portcullis/sanitize write, read by a browser.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Page } from 'playwright-core'
import {
  encodeCssString,
  encodeHtml,
  encodeHtmlAttribute,
  encodeJsString,
  type HtmlPreset,
  sanitizeHtml,
} from '../../src/sanitize/index.ts'
import { createBrowserTest, type Visitor } from '../support/browser.ts'
import { createTestAuthority } from '../support/certificate-authority.ts'

/** Of a link that leads nowhere. */
const noUrl = ':'
const certificate = await (await createTestAuthority()).issue(['app.example.test'])
const browserTest = createBrowserTest(() => ({ ports: {}, certificate }))

const attacks = [
  ...[
    '<script>attacked()</script>',
    '<img src=x onerror=attacked()>',
    '"><script>attacked()</script>',
    "' onmouseover='attacked()",
  ],
  ...[
    '</script><script>attacked()</script>',
    '</style><script>attacked()</script>',
    ['`$', '{attacked()}`'].join(''),
    '\\"; attacked(); //',
  ],
  ...[
    'javascript:attacked()',
    '<!--',
    '-->',
    ']]>',
    '</title><svg onload=attacked()>',
    '\u2028attacked()//',
    '\r\n\t\0\u0085',
  ],
]
const texts = [
  ...attacks,
  ...fc.sample(fc.string({ unit: 'binary', maxLength: 20 }), { numRuns: 150, seed: 7 }),
  ...fc.sample(fc.string({ unit: fc.constantFrom(...'<>&"\'`\\/!-=; \r\n\0#a1'), maxLength: 20 }), {
    numRuns: 250,
    seed: 7,
  }),
]
const shown = (text: string) => text.toWellFormed().replaceAll('\0', '\ufffd')

/** A page whose `attacked()` was called, by now or on the way. */
async function openPage({ context }: Visitor, html: string): Promise<Page> {
  const page = await context.newPage()
  await page.addInitScript(
    'globalThis.wasAttacked = false; globalThis.attacked = () => { globalThis.wasAttacked = true }',
  )
  await page.goto('about:blank')
  await page.setContent(html)
  return page
}

browserTest('without encoders, the attacks run', async (visitor) => {
  const page = await openPage(visitor, '<!doctype html><p><img src=x onerror=attacked()>')
  await page.waitForFunction('globalThis.wasAttacked')
})

browserTest(
  'every text comes out as it went in, in content, attributes, scripts and styles, and none runs',
  async (visitor) => {
    const parts = texts.map(
      (text, i) =>
        `<p id="t${i}">${encodeHtml(text)}</p><i id="a${i}" title="${encodeHtmlAttribute(text)}" lang='${encodeHtmlAttribute(text)}'></i>` +
        `<i id="u${i}" title=x${encodeHtmlAttribute(text)} class=end></i>` +
        `<script>texts[${i}] = ["${encodeJsString(text)}", '${encodeJsString(text)}', \`${encodeJsString(text)}\`]</script>` +
        `<i id="h${i}" onclick="texts[${i}].push('${encodeJsString(text)}')"></i>` +
        `<style>#c${i}::before { content: "${encodeCssString(text)}" }</style><i id="c${i}"></i>`,
    )
    const page = await openPage(visitor, `<!doctype html><body><script>var texts = []</script>${parts.join('')}`)
    const seen = (await page.evaluate(`texts.map((own, i) => {
    const of = (kind) => document.getElementById(kind + i)
    of('h').click()
    return {
      text: of('t').textContent, title: of('a').title, lang: of('a').lang,
      bare: of('u').title, end: of('u').className, scripts: own,
      style: getComputedStyle(of('c'), '::before').content,
    }
  })`)) as Record<string, unknown>[]
    assert.equal(seen.length, texts.length)
    texts.forEach((text, i) => {
      const { style, ...rest } = seen[i] as { style: string }
      const value = shown(text)
      const expected = {
        text: value,
        title: value,
        lang: value,
        bare: `x${value}`,
        end: 'end',
        scripts: Array(4).fill(text),
      }
      assert.deepEqual(rest, expected, JSON.stringify(text))
      // The browser writes it as a string again, in its own way.
      const content = style
        .slice(1, -1)
        .replace(
          /\\(?:([\da-f]{1,6}) ?|(.))/gs,
          (_, hex, other) => other ?? String.fromCodePoint(Number.parseInt(hex, 16)),
        )
      if (value !== '') assert.equal(content, value, JSON.stringify(text))
    })
    assert.equal(await page.evaluate('document.querySelectorAll("*").length'), 3 + 1 + texts.length * 7)
    assert.equal(await page.evaluate('globalThis.wasAttacked'), false)
  },
)

const hostile = [
  ...attacks,
  ...[
    '<svg><script>attacked()</script></svg>',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=attacked()&gt;">',
  ],
  ...[
    '<noscript><p title="</noscript><img src=x onerror=attacked()>">',
    '<a href="java&#115;cript:attacked()">x</a>',
    '<a href=" &#1; javascript:attacked()">x</a>',
  ],
  ...[
    '<a href="data:text/html,<script>attacked()</script>">x</a>',
    '<iframe srcdoc="<script>parent.attacked()</script>"></iframe>',
    '<template><img src=x onerror=attacked()></template>',
  ],
  ...[
    '<p style="background:url(javascript:attacked())">x</p>',
    '<form action="javascript:attacked()"><button>x</button></form>',
    '<object data="javascript:attacked()"></object>',
  ],
  ...[
    '<textarea><img title="</textarea><img src=x onerror=attacked()>">',
    '<xmp><p title="</xmp><img src=x onerror=attacked()>">',
    '<plaintext><img src=x onerror=attacked()>',
  ],
  ...[
    '<b><p title="`<img src=x onerror=attacked()>">x',
    '<img src="x` `<script>attacked()</script>"` `>',
    '<p id=attacked name=attacked class=x>clobber</p>',
    '<base href="https://evil.example/">',
  ],
  ...[
    '<meta http-equiv=refresh content="0;url=javascript:attacked()">',
    '<details ontoggle=attacked() open>x',
    '<video><source onerror=attacked()></video>',
    '<select><style></select><img src=x onerror=attacked()></style>',
  ],
  ...[
    `${'<div>'.repeat(600)}<img src=x onerror=attacked()>`,
    `${'<b>'.repeat(600)}x`,
    '<table><td><a href=//evil.example>x',
    '<p\0 onclick=attacked()>x',
    '<scr\0ipt>attacked()</scr\0ipt>',
  ],
]
const pieces = [
  '<',
  '>',
  '</',
  '"',
  "'",
  '<p ',
  '<a href=',
  'onerror=attacked()',
  '<img src=x ',
  '<!--',
  '-->',
  '<svg>',
  '<math>',
  '<style>',
  '</style>',
  '<table>',
  '<td>',
  'x',
  ' ',
  '&lt;',
  '<script>',
  '</script>',
  '<li>',
  '<![CDATA[',
]
const mixed = fc.sample(
  fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((some) => some.join('')),
  { numRuns: 300, seed: 11 },
)

for (const preset of ['line', 'comment', 'article'] as const satisfies HtmlPreset[]) {
  browserTest(`HTML of strangers: nothing but the preset ${preset} is left, read once or twice`, async (visitor) => {
    const outputs = [...hostile, ...mixed].map((html) => sanitizeHtml(html, preset))
    const body = outputs.map((html) => `<section>${html}</section>`).join('')
    const page = await openPage(visitor, `<!doctype html><body>${body}`)
    const found = (await page.evaluate(`(() => {
      // Written out and read again, as editors and mail programs do: what mutates would show now.
      for (let i = 0; i < 2; i++) document.body.innerHTML = document.body.innerHTML
      const all = [...document.body.querySelectorAll('*')]
      return {
        elements: [...new Set(all.map((one) => one.localName))],
        attributes: [...new Set(all.flatMap((one) => one.getAttributeNames()))],
        links: [...new Set([...document.links].map((one) => one.protocol))],
      }
    })()`)) as { elements: string[]; attributes: string[]; links: string[] }
    await page.waitForTimeout(200)
    assert.equal(await page.evaluate('globalThis.wasAttacked'), false)
    const never = [
      'script',
      'style',
      'iframe',
      'svg',
      'math',
      'form',
      'object',
      'base',
      'meta',
      'template',
      'textarea',
      'video',
      'div',
    ]
    assert.deepEqual(
      found.elements.filter((one) => never.includes(one)),
      [],
    )
    const known = [
      'href',
      'rel',
      'src',
      'alt',
      'width',
      'height',
      'title',
      'colspan',
      'rowspan',
      'scope',
      'datetime',
      'start',
      'cite',
    ]
    assert.deepEqual(
      found.attributes.filter((one) => !known.includes(one)),
      [],
    )
    assert.deepEqual(
      found.links.filter((one) => !['https:', 'http:', 'mailto:', 'about:', noUrl].includes(one)),
      [],
    )
  })
}
