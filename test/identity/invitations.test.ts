import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { openInvitations } from '../../src/runtime/open-invitations.ts'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { eventually } from '../support/eventually.ts'
import { type ServedIdentity, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'
import { findLink, readMails } from '../support/mail-folder.ts'
import { runCli } from '../support/run-cli.ts'

const chosen = 'seven owls over a pond'

describe('how accounts come to be', () => {
  let served: ServedIdentity
  const options = '  mail: { folder: mails }\n  signUp: invited\n  firstAdministrator: { roles: [admin] }'

  before(async () => {
    served = await serveIdentity({ identity: options })
  })
  after(() => served?.stop())

  const post = async (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) => {
    const own = { origin: served.origin, 'sec-fetch-site': 'same-origin' }
    const init = { method: 'POST', body: new URLSearchParams(fields), headers: { ...own, ...headers } }
    const response = await fetch(`${served.issuer}${path}`, init)
    return { status: response.status, page: await response.text() }
  }
  const tokenOf = (link: string) => new URL(link).searchParams.get('token') ?? ''
  const listAccounts = async () => {
    const store = await openSqliteStore({ path: join(served.gateway.folder, 'data', 'portcullis.db') })
    const accounts = await store.accounts.list({ limit: 100 })
    store.close()
    return accounts
  }
  const cli = (...argv: string[]) => runCli(served.gateway.folder, ...argv)
  const mailsTo = (address: string, count: number) => readMails(join(served.gateway.folder, 'mails'), address, count)
  const canLogIn = async (username: string) => {
    const browser = new LoginBrowser()
    const login = await browser.follow(`${served.issuer}/account`)
    return (await browser.submit(login.url, { username, password: chosen })).url === `${served.issuer}/account`
  }

  test('the first administrator: by the link of the console, once, and never where there is an account', async () => {
    const find = () => /^(http\S+first-administrator\?token=\S+)$/m.exec(served.gateway.output())?.[1]
    await eventually('the link is printed', () => find() !== undefined)
    const link = find() as string
    const [path, token] = ['/first-administrator', tokenOf(link)]
    assert.equal((await fetch(link)).status, 200)
    const fields = { token, username: 'root', 'new-password': chosen }
    assert.equal((await post(path, { ...fields, token: 'x'.repeat(43) })).status, 410)
    assert.equal((await post(path, { ...fields, 'new-password': 'admin' })).status, 422)
    assert.equal((await post(path, { ...fields, username: 'a:b' })).status, 422)
    const foreign = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
    assert.equal((await post(path, fields, foreign)).status, 403)
    assert.deepEqual(await listAccounts(), [])
    const both = await Promise.all(['root', 'toor'].map((username) => post(path, { ...fields, username })))
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 410])
    const accounts = await listAccounts()
    assert.deepEqual(
      accounts.map(({ roles }) => roles),
      [['admin']],
    )
    assert.equal((await fetch(link)).status, 410)
    assert.ok(await canLogIn(accounts[0]?.username as string))
  })

  test('nobody signs up who is not invited', async () => {
    assert.notEqual((await fetch(`${served.issuer}/sign-up`)).status, 200)
    const page = await new LoginBrowser().follow(`${served.issuer}/account`)
    assert.doesNotMatch(await page.response.text(), /Create an account/)
  })

  test('an invitation makes one account with its roles, and a later one ends it', async () => {
    const sent = await cli('users', 'invite', 'Ann@Orchard.test', '--role', 'customer', '--language', 'de', '--json')
    assert.equal(JSON.parse(sent.stdout).address, 'ann@orchard.test')
    const [first = ''] = await mailsTo('ann@orchard.test', 1)
    assert.match(first, /eingeladen/)
    assert.ok(!sent.stdout.includes(tokenOf(findLink(first))))
    await cli('users', 'invite', 'ann@orchard.test', '--role', 'auditor')
    const mails = await mailsTo('ann@orchard.test', 2)
    const fields = { token: tokenOf(findLink(first)), 'new-password': chosen }
    assert.equal((await post('/invitation', fields)).status, 410)
    const again = { ...fields, token: tokenOf(findLink(mails[1] as string)) }
    const both = await Promise.all([post('/invitation', again), post('/invitation', again)])
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 410])
    const account = (await listAccounts()).find(({ username }) => username === 'ann@orchard.test')
    assert.deepEqual(account?.roles, ['auditor'])
    assert.ok(await canLogIn('ann@orchard.test'))
    const refused = await cli('users', 'invite', 'ann@orchard.test')
    assert.equal(refused.status, 1)
    assert.match(refused.stderr, /already/)
  })

  test('an invitation is withdrawn, by command and by code, and opens nothing any more', async () => {
    const invitations = await openInvitations(served.gateway.policyFile)
    const { id } = await invitations.invite('bob@orchard.test', { roles: ['customer'] })
    assert.deepEqual(
      (await invitations.list()).map(({ address, roles }) => [address, roles]),
      [['bob@orchard.test', ['customer']]],
    )
    await assert.rejects(invitations.invite('nobody'), /no e-mail address/)
    await invitations.close()
    assert.equal((await cli('users', 'uninvite', id)).status, 0)
    assert.equal((await cli('users', 'uninvite', id)).status, 1)
    const [mail = ''] = await mailsTo('bob@orchard.test', 1)
    assert.equal((await fetch(findLink(mail))).status, 410)
    assert.deepEqual(JSON.parse((await cli('users', 'invitations', '--json')).stdout), [])
  })

  test('administrators see and end what people allowed, sign them out and export their data', async () => {
    const data = JSON.parse((await cli('users', 'export', 'ann@orchard.test')).stdout)
    assert.equal(data.account.username, 'ann@orchard.test')
    assert.equal(data.logins.length, 1)
    assert.match((await cli('consents', 'list', 'ann@orchard.test')).stdout, /allowed no application/)
    assert.equal((await cli('consents', 'revoke', 'ann@orchard.test', 'web')).status, 1)
    const out = JSON.parse((await cli('users', 'sign-out', 'ann@orchard.test', '--json')).stdout)
    assert.equal(out.sessions, 1)
    assert.equal(JSON.parse((await cli('users', 'export', 'ann@orchard.test')).stdout).logins.length, 0)
  })
})
