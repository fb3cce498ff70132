import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { after, before } from 'node:test'
import { listEndpoints } from '../../src/identity/endpoints.ts'
import type { IdentityOptions } from '../../src/identity/options.ts'
import { createBrowserTest } from '../support/browser.ts'
import { type IdentitySite, startIdentitySite } from '../support/identity-site.ts'
import { createWalker, type Language, type Walker } from '../support/walker.ts'
import { accountWalks } from './walks/account.ts'
import { deviceWalks } from './walks/device.ts'
import { factorWalks } from './walks/factors.ts'
import { loginWalks } from './walks/login.ts'
import { peopleWalks } from './walks/people.ts'
import type { Walk } from './walks/walk.ts'

/** Where pictures of every page are put, for people to look at: none in the repository, none without this. */
const pictures = process.env.PAGE_PICTURES

let site: IdentitySite
const looked = new Set<string>()
const asked = new Set<string>()

before(async () => {
  if (pictures !== undefined) await mkdir(pictures, { recursive: true })
  site = await startIdentitySite()
})
after(() => site?.close())

const browserTest = createBrowserTest(() => site.network)

for (const walk of [...peopleWalks, ...loginWalks, ...deviceWalks, ...accountWalks, ...factorWalks]) {
  declare(walk, walk.language)
  // Who looks at pictures wants all of them.
  if (pictures !== undefined && walk.once !== true) declare(walk, walk.language === 'en' ? 'de' : 'en')
}

function declare({ name, run, ...options }: Walk, language: Language): void {
  browserTest(`${name} (${language})`, async ({ context }) => {
    const walkers: Walker[] = []
    const come = async () => {
      const walker = await createWalker(context, {
        ...{ ...options, language, origin: site.origin, looked, pictures },
        onRequest: (method, url) => asked.add(`${method} ${new URL(url).pathname}`),
      })
      walkers.push(walker)
      return walker
    }
    await run(site, await come(), come)
    for (const walker of walkers) await walker.close()
  })
}

/** What programs ask. */
const machines =
  /^(openid-configuration|oauth-authorization-server|jwks|token|revoke|introspect|par|userinfo|device-authorization)/

browserTest('no page of the identity server was left out', async () => {
  const options = site.system.snapshot.blocks.identity as IdentityOptions
  const missed = listEndpoints(options)
    .filter(({ id }) => !machines.test(id))
    .filter(({ path, methods }) => {
      const pattern = new RegExp(`^${methods[0]} ${path.replaceAll(/\{[a-z]+\}/g, '[^/]+')}$`)
      return ![...asked].some((one) => pattern.test(one))
    })
  assert.deepEqual(
    missed.map(({ id }) => id),
    [],
  )
})
