import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { measureCpu } from '../../../../test/support/cpu-time.ts'
import { checkSvg } from './check-svg.ts'

const ns = 'xmlns="http://www.w3.org/2000/svg"'
const judge = (text: string) => checkSvg(Buffer.from(text))?.code ?? null
const within = (content: string) => judge(`<svg ${ns} xmlns:xlink="http://www.w3.org/1999/xlink">${content}</svg>`)

test('drawings pass, as drawing programs write them', () => {
  for (const content of [
    '<path d="M0 0L1 1" fill="url(#a)"/><defs><linearGradient id="a"><stop offset="0" stop-color="#fff"/></linearGradient></defs>',
    '<style>.a{fill:#f00}/* a comment */</style><g class="a" transform="scale(2)"><circle r="1"/></g>',
    '<style><![CDATA[ .a > .b { fill: url("#a") } ]]></style>',
    '<text x="1">Tom &amp; Jerry &#169; &lt;ok&gt;</text><use xlink:href="#a"/><use href="#b"/>',
    '<image href="data:image/png;base64,iVBORw0KGgo="/>',
    '<!-- script onload javascript: --><title>On loading scripts</title>',
    '<metadata xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:cc="http://creativecommons.org/ns#"><rdf:RDF><cc:Work rdf:about=""/></rdf:RDF></metadata>',
    '<g xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" inkscape:export-filename="C:\\a\\b.png" inkscape:label="on"/>',
    '<filter id="f"><feGaussianBlur stdDeviation="2"/></filter>',
  ]) {
    assert.equal(within(content), null, content)
  }
  const prolog = '<?xml version="1.0" encoding="UTF-8"?>\n<!-- Generator -->\n'
  const doctype = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n'
  assert.equal(judge(`${prolog}${doctype}<svg ${ns}/>\n`), null)
})

test('everything that runs, loads or links is refused', () => {
  for (const content of [
    '<script>alert(1)</script>',
    '<SCRIPT>alert(1)</SCRIPT>',
    '<svg:script xmlns:svg="http://www.w3.org/2000/svg">alert(1)</svg:script>',
    '<x:script xmlns:x="http://www.w3.org/2000/svg">alert(1)</x:script>',
    '<SVG:script xmlns:SVG="http://www.w3.org/2000/svg">alert(1)</SVG:script>',
    '<h:img xmlns:h="http://www.w3.org/1999/xhtml" src="x" onerror="alert(1)"/>',
    '<g onload="alert(1)"/>',
    "<g ONCLICK = 'alert(1)'/>",
    '<a href="javascript:alert(1)"><text>x</text></a>',
    '<use href="https://evil.example/x.svg#a"/>',
    '<use xlink:href="data:image/svg+xml;base64,PHN2Zy8+#a"/>',
    '<image href="https://evil.example/pixel.png"/>',
    '<image href="&#104;ttps://evil.example/pixel.png"/>',
    '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>',
    '<animate attributeName="href" values="javascript:alert(1)"/>',
    '<set attributeName="onload" to="alert(1)"/>',
    '<handler>alert(1)</handler>',
    '<iframe src="x"/>',
    '<style>@import "https://evil.example/x.css"</style>',
    '<style>a{background:url(https://evil.example)}</style>',
    '<style>a{background:u\\72l(https://evil.example)}</style>',
    '<style><![CDATA[a{background:url(//evil.example)}]]></style>',
    '<g style="background:url(https://evil.example)"/>',
    '<g fill="&#117;rl(https://evil.example)"/>',
    '<g xml:base="https://evil.example/"/>',
    '<?xml-stylesheet href="https://evil.example/x.css"?>',
  ]) {
    assert.equal(within(content), 'uploads_active', content)
  }
  assert.equal(judge(`<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg ${ns}>&x;</svg>`), 'uploads_active')
  assert.equal(judge('<svg xmlns="http://www.w3.org/1999/xhtml"><script/></svg>'), 'uploads_active')
})

test('what is no well-formed XML is refused: a browser would guess', () => {
  for (const text of [
    `<svg ${ns}>`,
    `<svg ${ns}></g>`,
    `<svg ${ns}><g a=b/></svg>`,
    `<svg ${ns}><g a="1" b/></svg>`,
    `<svg ${ns}>&unknown;</svg>`,
    `<svg ${ns}><!-- </svg>`,
    `<svg ${ns}><g a="<"/></svg>`,
    `<svg ${ns}>${'<g>'.repeat(300)}${'</g>'.repeat(300)}</svg>`,
  ]) {
    assert.equal(judge(text), 'uploads_type', text.slice(0, 80))
  }
  assert.equal(checkSvg(Buffer.from(`<svg ${ns}>\xff</svg>`, 'latin1'))?.code, 'uploads_type')
})

test('its time grows with the length only', () => {
  const pieces = fc.constantFrom(
    '<',
    '>',
    '<!--',
    '<![CDATA[',
    '<g ',
    'a="',
    '" ',
    '&',
    "'",
    '</',
    '<style>',
    'url(',
    ' ',
    '<?xml ',
  )
  fc.assert(
    fc.property(fc.array(pieces, { minLength: 1, maxLength: 4 }), (some) => {
      const measure = (times: number) => {
        const bytes = Buffer.from(`<svg ${ns}>${some.join('').repeat(times)}`)
        return measureCpu(() => checkSvg(bytes))
      }
      measure(1000)
      const small = Math.min(measure(10_000), measure(10_000), measure(10_000))
      const large = Math.min(measure(80_000), measure(80_000))
      assert.ok(large < 60 || large < small * 8 * 4, `${JSON.stringify(some)}: ${small} ms, ${large} ms`)
    }),
    { numRuns: 60 },
  )
})
