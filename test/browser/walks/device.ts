import assert from 'node:assert/strict'
import type { IdentitySite } from '../../support/identity-site.ts'
import { addAccount, callApi, logIn } from './steps.ts'
import type { Walk } from './walk.ts'

interface Started {
  readonly device_code: string
  readonly user_code: string
}

async function begin({ ask }: IdentitySite): Promise<Started> {
  const form = { client_id: 'television', scope: 'openid orders:read' }
  return JSON.parse((await ask('/identity/device_authorization', {}, form)).body)
}

async function poll({ ask }: IdentitySite, { device_code }: Started) {
  const grant = 'urn:ietf:params:oauth:grant-type:device_code'
  const answer = await ask('/identity/token', {}, { grant_type: grant, client_id: 'television', device_code })
  return JSON.parse(answer.body) as { readonly error?: string; readonly access_token?: string }
}

export const deviceWalks: readonly Walk[] = [
  {
    name: 'one device is refused, another one is let in',
    language: 'de',
    async run(site, walker) {
      const username = await addAccount(site, walker, 'viewer')
      const refused = await begin(site)
      await walker.open(`${site.issuer}/device`, 'device.title')
      await walker.type('device.code', 'BBBB-BBBB')
      await walker.press('device.submit', 'device.title')
      await walker.read('device.unknown', 'alert')
      await walker.type('device.code', refused.user_code)
      await walker.press('device.submit', 'device.confirmTitle')
      await walker.read(new RegExp(refused.user_code))
      await walker.press('device.abort', 'device.refusedTitle')
      assert.equal((await poll(site, refused)).error, 'access_denied')

      const started = await begin(site)
      await walker.open(`${site.issuer}/device`, 'device.title')
      await walker.type('device.code', started.user_code.replace('-', '').toLowerCase())
      await walker.press('device.submit', 'device.confirmTitle')
      await walker.press('device.confirm', 'login.title')
      await logIn(walker, username, 'consent.title')
      await walker.press('consent.allow', 'device.doneTitle')
      const { access_token: token = '' } = await poll(site, started)
      assert.equal(await callApi(site, token), 200)
    },
  },
]
