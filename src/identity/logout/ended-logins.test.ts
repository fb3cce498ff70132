import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { eventually } from '../../../test/support/eventually.ts'
import { silentLog, silentMeter } from '../../core/telemetry.ts'
import { createEndedLoginStore, keepEndedLogins } from '../../stores/ended-login-store.ts'
import { openSqliteStore } from '../../stores/sqlite/sqlite-store.ts'
import { startEndedLogins } from './ended-logins.ts'
import type { LogoutTeller } from './logout-teller.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-ended-logins-'))
after(() => rmSync(folder, { recursive: true }))
const start = 1_800_000_000_000

async function open(name: string, tellers: readonly LogoutTeller[]) {
  const store = await openSqliteStore({ path: join(folder, `${name}.db`) })
  const clock = { now: start }
  const said: object[] = []
  const log = { ...silentLog, warn: (event: string, detail: object = {}) => void said.push({ event, ...detail }) }
  await keepEndedLogins(store.db, [{ digest: 'd', payload: 'ann at shop and bank' }], start)
  const given = { store: createEndedLoginStore(store.db), epoch: { current: () => 0 }, now: () => clock.now }
  const started = startEndedLogins({ ...given, tellers, log, meter: silentMeter, intervalMs: 5 })
  const waiting = () => store.db.selectFrom('ended_logins').selectAll().execute()
  const close = async () => {
    started.stop()
    await store.close()
  }
  return { clock, said, waiting, close }
}

test('the issuer that sealed it tells of it; who could not be told is told later, and nobody else again', async () => {
  const told: string[] = []
  const ours: LogoutTeller = async ({ payload }) => {
    told.push(payload)
    return told.length === 1 ? { clients: ['bank'], payload: 'ann at bank' } : 'none'
  }
  const { clock, waiting, close } = await open('later', [async () => 'other', ours])
  await eventually('it is postponed', async () => (await waiting())[0]?.payload === 'ann at bank')
  assert.deepEqual(told, ['ann at shop and bank'])
  clock.now += 999
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(told.length, 1)
  clock.now += 1
  await eventually('all are told', async () => (await waiting()).length === 0)
  assert.deepEqual(told, ['ann at shop and bank', 'ann at bank'])
  await close()
})

test('what cannot be tried is tried later, and given up after a day like the rest', async () => {
  const { clock, said, waiting, close } = await open('broken', [
    async () => {
      throw new Error('no key')
    },
  ])
  await eventually('it is postponed', async () => Number((await waiting())[0]?.next_at) === start + 1000)
  clock.now += 86_400_000
  await eventually('it is given up', async () => (await waiting()).length === 0)
  assert.deepEqual(said.at(-1), { event: 'logout_given_up', login: 'd', reason: 'it was tried for a day' })
  await close()
})

test('what nobody can read, or could be told of for a day, is given up, which is said', async () => {
  for (const [name, left, reason] of [
    ['unread', 'other', 'no issuer of the policy file can read it'],
    ['away', { clients: ['bank'], payload: 'ann at bank' }, 'it was tried for a day'],
  ] as const) {
    const { clock, said, waiting, close } = await open(name, [async () => left])
    await eventually('it was tried', async () => Number((await waiting())[0]?.attempts) === 1)
    clock.now += 86_400_000
    await eventually('it is given up', async () => (await waiting()).length === 0)
    assert.deepEqual(said, [{ event: 'logout_given_up', login: 'd', reason }])
    await close()
  }
})
