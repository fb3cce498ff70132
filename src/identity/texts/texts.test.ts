import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { html } from '../pages/html.ts'
import { chooseTexts } from './choose-texts.ts'
import { de } from './de.ts'
import { type Catalogue, en } from './en.ts'
import { readMessages } from './read-messages.ts'
import { createTexts } from './texts.ts'

const placesOf = (text: string) => (text.match(/\{[A-Za-z]+\}/g) ?? []).sort()
const read = (text: string, language = 'fr', first = 'en') =>
  readMessages({ [language]: { reference: 'file:fr.yaml', bytes: Buffer.from(text) } }, first)

describe('texts', () => {
  test('have the same places in every language, and nothing that was left in another', () => {
    assert.deepEqual(Object.keys(de).sort(), Object.keys(en).sort())
    for (const key of Object.keys(en) as (keyof Catalogue)[]) {
      assert.deepEqual(placesOf(de[key]), placesOf(en[key]), key)
      if (en[key].length > 20) assert.notEqual(de[key], en[key], key)
    }
  })

  test('stay text, whatever is put into them', () => {
    const texts = createTexts('en', { ...en, 'login.goOnTo': '<b>{client}</b> {other}' })
    assert.equal(texts.say('login.goOnTo', { client: '{other}' }), '<b>{other}</b> {other}')
    const name = html`<strong>${'<script>'}</strong>`
    assert.equal(
      texts.mark('login.goOnTo', { client: name }).text,
      '&lt;b&gt;<strong>&lt;script&gt;</strong>&lt;/b&gt; ',
    )
  })

  test('are chosen as the browser asks', () => {
    const offered = read('{}')
    const choose = (acceptLanguage?: string, locales?: string) =>
      chooseTexts({ acceptLanguage, locales }, offered).language
    assert.equal(choose('de-AT, en;q=0.5'), 'de')
    assert.equal(choose('en;q=0.5, de;q=0.9'), 'de')
    assert.equal(choose('de;q=0, en;q=0.1'), 'en')
    assert.equal(choose('sv, *'), 'en')
    assert.equal(choose('de', 'fr-CA de'), 'fr')
    for (const odd of ['', ',,,', ';;q=', 'de;q=x, en', '\u0000', 'd'.repeat(1e6)]) assert.equal(choose(odd), 'en', odd)
    assert.equal(chooseTexts({}, read('{}', 'fr', 'de')).language, 'de')
  })

  test('of a file are said, and what it lacks in English', () => {
    const french = chooseTexts({ acceptLanguage: 'fr' }, read('login.title: Connexion'))
    assert.equal(french.say('login.title'), 'Connexion')
    assert.equal(french.say('login.cancel'), 'Cancel')
  })

  for (const [text, problem] of [
    ['login.tilte: x', /there is no text "login.tilte"/],
    ['login.title: [x]', /"login.title" must be a text/],
    ['login.goOnTo: weiter', /"login.goOnTo" must hold \{client\}/],
    ['just words', /must hold keys and texts/],
    ['a: [', /file:fr.yaml/],
    [`a: ${'x'.repeat(300_000)}`, /more than 256 KiB/],
  ] as const) {
    test(`a file is refused: ${text.slice(0, 30)}`, () => assert.throws(() => read(text), problem))
  }
  test('a first language without messages is refused', () => assert.throws(() => read('{}', 'fr', 'it'), /for "it"/))
})
