import type { ProbeWalk, SendOnWalk } from '../../core/probe.ts'
import { toProbeWalk, WalkStopped, type WrittenWalk } from '../../core/walk.ts'
import { toCookies } from '../provider/cookies.ts'
import { type Redeemed, Visit } from './visit.ts'
import type { Visitors } from './visitors.ts'

/** A hundred guesses are the most that an account may stand (NIST SP 800-63B-4 section 3.2.2). */
const maxGuesses = 100

/** What the identity server must refuse and let pass of who logs in, and of clients that they log in to. */
export function createIdentityWalks(issuer: string, visitors: Visitors): readonly ProbeWalk[] {
  return listWalks(issuer, visitors).map(toProbeWalk)
}

function listWalks(issuer: string, visitors: Visitors): readonly WrittenWalk[] {
  const visit = (send: SendOnWalk) => new Visit(send, issuer, visitors)
  const { username, password, otherClient } = visitors
  const session = toCookies({ issuer }).names?.session as string
  return [
    {
      name: 'a person logs in, and a client gets tokens and renews them',
      kind: 'honest',
      standard: 'RFC 6749 section 4.1',
      expected: 'tokens',
      async walk(send) {
        const person = visit(send)
        const { refreshToken, status } = await person.redeem(await person.logIn())
        if (status !== 200 || refreshToken === null) return `the code was answered ${status}`
        return refusedWhenRight(await person.refresh(refreshToken))
      },
    },
    {
      name: 'a code that comes twice ends what it was redeemed for',
      kind: 'attack',
      standard: 'RFC 6749 section 4.1.2',
      expected: '400, and no token is left',
      async walk(send) {
        const person = visit(send)
        const code = await person.logIn()
        const token = needToken(await person.redeem(code))
        return acceptedWhenWrong(await person.redeem(code)) ?? acceptedWhenWrong(await person.refresh(token))
      },
    },
    {
      name: 'a refresh token that comes twice ends its whole line',
      kind: 'attack',
      standard: 'RFC 9700 section 4.14.2',
      expected: '400, and no token is left',
      async walk(send) {
        const person = visit(send)
        const first = needToken(await person.redeem(await person.logIn()))
        const second = needToken(await person.refresh(first))
        return acceptedWhenWrong(await person.refresh(first)) ?? acceptedWhenWrong(await person.refresh(second))
      },
    },
    ...(
      [
        ['with another verifier', 'RFC 7636 section 4.6', { code_verifier: 'x'.repeat(43) }],
        ['without its verifier', 'RFC 9700 section 4.8.2', { code_verifier: '' }],
        ['by another client', 'RFC 6749 section 4.1.3', { client_id: otherClient }],
        ['with another address', 'RFC 6749 section 4.1.3', { redirect_uri: 'https://prove.invalid/other' }],
      ] as const
    ).map(
      ([how, standard, changes]): WrittenWalk => ({
        name: `a code is not redeemed ${how}`,
        kind: 'attack',
        standard,
        expected: '400',
        async walk(send) {
          const person = visit(send)
          return acceptedWhenWrong(await person.redeem(await person.logIn(), changes))
        },
      }),
    ),
    {
      name: 'a session that somebody planted is another one after the login',
      kind: 'attack',
      standard: 'v5.0.0-7.2.4',
      expected: 'a new cookie',
      async walk(send) {
        const person = visit(send)
        const planted = 'x'.repeat(43)
        person.plant(session, planted)
        await person.logIn()
        return person.cookies.get(session) === planted ? 'the planted session is logged in' : null
      },
    },
    {
      name: 'a form of another site logs nobody in',
      kind: 'attack',
      standard: 'v5.0.0-3.5.1',
      expected: '403',
      async walk(send) {
        const person = visit(send)
        const answer = await person.submit(await person.begin(), { username, password }, 'https://attacker.invalid')
        return answer.status === 403 ? null : `it was answered ${answer.status}`
      },
    },
    {
      name: 'neither status nor text tells which names there are',
      kind: 'attack',
      standard: 'v5.0.0-6.3.8',
      expected: 'one answer',
      async walk(send) {
        const answers = []
        for (const name of [username, `${username.slice(0, -1)}!`]) {
          const person = visit(send)
          const path = await person.begin()
          const { status, body } = await person.submit(path, { username: name, password: 'no such password at all' })
          answers.push(`${status} ${body.replaceAll(name, '').replaceAll(path, '')}`)
        }
        return answers[0] === answers[1] ? null : 'the answers differ'
      },
    },
    {
      name: 'passwords cannot be guessed on and on',
      kind: 'attack',
      standard: 'v5.0.0-6.3.1',
      expected: `429 within ${maxGuesses} guesses, and for the right one too`,
      async walk(send) {
        const person = visit(send)
        const path = await person.begin()
        for (let guess = 1; guess <= maxGuesses; guess++) {
          const { status } = await person.submit(path, { username, password: `no such password ${guess}` })
          if (status !== 429) continue
          const right = await person.submit(path, { username, password })
          return right.status === 429 ? null : `the right one was answered ${right.status} at once`
        }
        return `${maxGuesses} guesses were judged`
      },
    },
  ]
}

function needToken({ refreshToken, status }: Redeemed): string {
  if (status !== 200 || refreshToken === null) throw new WalkStopped(`no refresh token was issued (${status})`)
  return refreshToken
}

function refusedWhenRight({ status }: Redeemed): string | null {
  return status === 200 ? null : `it was answered ${status}`
}

function acceptedWhenWrong({ status }: Redeemed): string | null {
  return status === 400 || status === 401 ? null : `it was answered ${status}`
}
