import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'

test('the login page of a site with a logo and words of its own is small', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-pages-'))
  t.after(() => rm(folder, { recursive: true }))
  await writeFile(
    join(folder, 'logo.svg'),
    `<svg xmlns="http://www.w3.org/2000/svg"><!--${'x'.repeat(16_200)}--></svg>`,
  )
  await writeFile(join(folder, 'fr.yaml'), 'login.title: Connexion\n')
  const pages = `{ name: Shop, logo: 'file:${folder}/logo.svg', messages: { fr: 'file:${folder}/fr.yaml' } }`
  const served = await serveIdentity({ identity: `  mail: { folder: ./mails }\n  signUp: open\n  pages: ${pages}` })
  t.after(() => served.stop())
  const browser = new LoginBrowser()
  const { url } = await browser.follow(`${served.issuer}/account`)
  const response = await browser.request(url, { headers: { 'accept-language': 'fr' } })
  const page = await response.text()
  const head = [...response.headers].reduce((size, [name, value]) => size + name.length + value.length + 4, 0)
  t.diagnostic(`the login page with the largest logo: ${page.length + head} bytes`)
  assert.ok(page.length + head <= 30_000, `${page.length + head} bytes`)
  assert.match(page, /<html lang="fr">[\s\S]*<img class="logo"[\s\S]*<h1>Connexion/)
})
