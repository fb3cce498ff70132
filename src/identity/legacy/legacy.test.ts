import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientOptions } from '../clients/options.ts'
import { hasEnded } from './sunset.ts'

const dayMs = 86_400_000
const inDays = (days: number) => new Date(Date.now() + days * dayMs).toISOString().slice(0, 10)

function problemsOf(client: Record<string, unknown>): string {
  const { error } = clientOptions.safeParse({ id: 'old', grants: [], ...client })
  return (error?.issues ?? []).map(({ message }) => message).join('\n')
}
const password = (until: string) => ({ secret: 'env:SECRET', legacy: { password: { reason: 'moving', until } } })

test('the last day is a good one, in UTC; the next is not', () => {
  const grant = { reason: 'moving', until: '2027-01-31' }
  assert.equal(hasEnded(grant, Date.parse('2027-01-31T23:59:59Z')), false)
  assert.equal(hasEnded(grant, Date.parse('2027-02-01T00:00:00Z')), true)
  for (const none of [undefined, { ...grant, until: 'never' }]) assert.equal(hasEnded(none, 0), true)
})

test('a file is refused once the day has passed, and where it is no day or far away', () => {
  assert.equal(problemsOf(password(inDays(1))), '')
  assert.match(problemsOf(password(inDays(-1))), /has passed: move the client/)
  for (const until of ['soon', '2027-13-40', '31.1.2027']) assert.match(problemsOf(password(until)), /must be a day/)
  assert.match(problemsOf(password(inDays(800))), /within two years/)
  assert.match(problemsOf({ secret: 'env:SECRET', legacy: { password: { until: inDays(1) } } }), /expected string/)
})

test('the password grant is for clients that prove who they are, the implicit one for exact addresses of sites', () => {
  const day = { reason: 'moving', until: inDays(1) }
  assert.match(problemsOf({ legacy: { password: day } }), /must have a `secret`/)
  for (const redirectUris of [[], ['http://127.0.0.1/callback'], ['com.example.app:/callback']])
    assert.match(problemsOf({ legacy: { implicit: day }, redirectUris }), /all of them https/)
  const good = { legacy: { implicit: day }, redirectUris: ['https://app.example.com/callback'] }
  assert.equal(problemsOf(good), '')
  assert.match(problemsOf({ ...good, dpop: 'required' }), /bound to no key/)
  assert.match(problemsOf({}), /at least one|one at least/)
})
