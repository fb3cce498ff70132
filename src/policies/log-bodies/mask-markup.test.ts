import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testRedactor } from '../../../test/support/redactor.ts'
import { createMask } from './mask.ts'
import { maskMarkup } from './mask-markup.ts'

const mask = (text: string, entries: readonly string[] = [], ended = true) =>
  maskMarkup(text, ended, createMask(entries, testRedactor))

test('what holds no secret stays as it was written', () => {
  for (const text of [
    '<?xml version="1.0"?>\n<a b="c" d=\'e\'><f/>text &amp; more<g>1</g></a>\n',
    '<!DOCTYPE html><p>a < b and 3 > 2, <3</p>',
    '<s:Envelope xmlns:s="urn:x"><s:Body/></s:Envelope>',
    '',
  ]) {
    assert.deepEqual(mask(text), { text, covers: 'all' })
  }
})

test('elements, attributes and named fields are hidden', () => {
  for (const [text, expected, entries] of [
    ['<a><password>hunter</password><b>1</b></a>', '<a><password>[redacted]</password><b>1</b></a>'],
    ['<wsse:Password Type="x">hunter</wsse:Password>', '<wsse:Password Type="x">[redacted]</wsse:Password>'],
    ['<password><password>hunter</password>hunter</password>x', '<password>[redacted]</password>x'],
    ['<password><b>hunter</b></c>hunter</password>x', '<password>[redacted]</password>x'],
    ['<password><![CDATA[</password>hunter]]></password>x', '<password>[redacted]</password>x'],
    ['<PassWord>hunter</PASSWORD>x', '<PassWord>[redacted]</PASSWORD>x'],
    ['<password/>x', '<password/>x'],
    ['<a secret="hunter" b="1"/>', '<a secret="[redacted]" b="1"/>'],
    ["<a b='1' token = 'hunter'>x</a>", '<a b=\'1\' token = "[redacted]">x</a>'],
    ['<field name="password">hunter</field>x', '<field name="password">[redacted]</field>x'],
    ['<field name="password" value="hunter"/>x', '<field name="password" value="[redacted]"/>x'],
    ['<a title="the secret garden">x</a>', '<a title="the secret garden">x</a>'],
    ['<a password="password">x</a>', '<a password="[redacted]">[redacted]</a>'],
    ['<maiden>hunter</maiden>', '<maiden>[redacted]</maiden>', ['Maiden']],
    ['<a b="c>d" password="hunter">x</a>', '<a b="c>d" password="[redacted]">x</a>'],
    ['<a>4111 1111 1111 1111</a>', '<a>[redacted]</a>'],
    ['<a b="4111111111111111"/>', '<a b="[redacted]"/>'],
    ['<a><!-- <password>hunter</password> --></a>', '<a><!--[redacted]--></a>'],
    ['<a><![CDATA[<password>hunter</password>]]></a>', '<a><![CDATA[<password>[redacted]</password>]]></a>'],
    ['<a>&lt;password&gt;hunter&lt;/password&gt;</a>', '<a>[redacted]</a>'],
    ['<a>&amp;lt;password&amp;gt;hunter</a>', '<a>[redacted]</a>'],
    ['<a>5 &lt; 6 &amp;&amp; &lt;b&gt;</a>', '<a>5 &lt; 6 &amp;&amp; &lt;b&gt;</a>'],
    ['<a>password: hunter one two</a>', '<a>password:[redacted]</a>'],
  ] as const) {
    assert.deepEqual(mask(text, entries), { text: expected, covers: 'all' }, text)
  }
})

test('what cannot be told apart is left out', () => {
  for (const [text, expected] of [
    ['<password>hunter', '<password>[redacted]'],
    ['<input name="password" value="hunter"><p>hunter</p>', '<input name="password" value="[redacted]">[redacted]'],
  ] as const) {
    assert.equal(mask(text).text, expected)
  }
  for (const text of [
    '<a b="c>hunter</a>',
    '<!-- hunter',
    '<![CDATA[hunter',
    '<!DOCTYPE a [<!ENTITY b "hunter">]><a>&b;</a>',
    '<a hunter',
  ]) {
    assert.deepEqual(mask(text), { text: '[redacted]', covers: 'broken' }, text)
  }
})

test('of a text that was cut off anywhere, no half of a secret is left', () => {
  const text =
    '<a b="4111111111111111" token="hunter2"><password>hunter2</password><c>4111 1111 1111 1111</c>' +
    '<f name="password" value="hunter2"/><d><![CDATA[<password>hunter2</password>]]></d><!-- hunter2 --></a>'
  for (let end = 0; end < text.length; end++) {
    const { text: clean, covers } = mask(text.slice(0, end), [], false)
    assert.equal(covers, 'start')
    assert.doesNotMatch(clean, /hun|411|1111/, clean)
  }
})

test('takes time in line with the length, whatever the text', () => {
  const size = 64 * 1024
  for (const piece of [
    '<',
    '<a>',
    '<a ',
    '<a b',
    '<!--',
    '<![CDATA[',
    '<a b="',
    '</a',
    '<a b=">"',
    'a',
    '&lt;',
    '<a x ',
  ]) {
    const started = performance.now()
    mask(piece.repeat(size / piece.length))
    mask(`<a ${piece.repeat(size / piece.length)}`)
    mask(`<a ${piece.replaceAll(/[<>"]/g, 'x').repeat(size / piece.length)}>`)
    mask(`<a>${'&amp;'.repeat(size / 5)}lt;</a>`)
    assert.ok(performance.now() - started < 2_000, piece)
  }
})
