import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../support/eventually.ts'
import { describeOnPostgres } from '../support/postgres.ts'
import { serveTwoApplications, type TwoApplications } from '../support/two-applications.ts'

describeOnPostgres('browser applications of two instances on one PostgreSQL', (server) => {
  let served: TwoApplications

  before(async () => {
    process.env.TEST_DATABASE_URL = await server().createDatabase()
    served = await serveTwoApplications('env:TEST_DATABASE_URL')
  })
  after(() => served?.stop())

  test('one of them refreshes, and what ends at one has ended at the other', async () => {
    const browser = await served.logIn()
    await sleep(served.lifetimeMs)
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => served.call(browser, i % 2)))
    assert.deepEqual(
      answers.map(({ status }) => status),
      answers.map(() => 200),
    )
    assert.equal(new Set(answers.map(({ body }) => JSON.parse(body).headers.authorization)).size, 1)
    assert.deepEqual(served.refreshes(), [200])
    assert.equal((await served.logOut(browser)).status, 303)
    await eventually('the other one knows', async () => (await served.call(browser, 1)).status === 401, 2000)
  })

  test('a grant that the issuer ended ends the session', async () => {
    const browser = await served.logIn()
    await served.issuer.revokeAll()
    await sleep(served.lifetimeMs)
    for (const at of [0, 1]) assert.equal((await served.call(browser, at)).status, 401)
  })
})
