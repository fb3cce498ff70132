import type { ProbeWalk, SendOnWalk, WalkTarget } from '../../core/probe.ts'
import { toProbeWalk, WalkStopped, type WrittenWalk } from '../../core/walk.ts'
import { readSettings } from '../sessions-block.ts'
import { type BrowserLoginOptions, ownIssuerName } from './options.ts'
import { ApplicationVisit, judgeRefused } from './visit.ts'

/** What people do who log in to the application, and what others do with their logins. */
export function createWalks(options: BrowserLoginOptions, target: WalkTarget): readonly ProbeWalk[] {
  return listWalks(options, target).map(toProbeWalk)
}

function listWalks(options: BrowserLoginOptions, target: WalkTarget): readonly WrittenWalk[] {
  const settings = readSettings(target.block)
  const visit = (send: SendOnWalk): ApplicationVisit => {
    const { person, plainOnly } = target
    if (options.issuer !== ownIssuerName || person === null)
      throw new WalkStopped(`people log in at ${options.issuer}, where nobody can be made up: log in there by hand`)
    if (plainOnly && settings.unsafePlainHttp === undefined)
      throw new WalkStopped('sessions begin over HTTPS only: say with --url where that answers')
    const origin = options.origin ?? new URL(target.block<{ issuer: string }>('identity').issuer).origin
    return new ApplicationVisit(send, { options, person, origin, cookie: settings.cookie })
  }
  return [
    {
      name: 'a person logs in, and the page is told who they are',
      kind: 'honest',
      standard: 'RFC 9700 section 2.1.1',
      expected: 'a session',
      async walk(send) {
        const person = visit(send)
        await person.logIn()
        const status = await person.askWho()
        return status === 200 ? null : `the page was answered ${status}`
      },
    },
    {
      name: 'an answer that another browser asked for logs nobody in (login CSRF)',
      kind: 'attack',
      standard: 'RFC 9700 section 4.7',
      expected: '403, and no session',
      async walk(send) {
        const planted = await visit(send).comeBack()
        const stranger = visit(send)
        const first = await stranger.receive(planted)
        // One who is about to log in has a cookie of their own.
        await stranger.begin()
        return judgeRefused(first) ?? judgeRefused(await stranger.receive(planted))
      },
    },
    {
      name: 'the code of another login is not put into mine',
      kind: 'attack',
      standard: 'RFC 9700 section 4.5',
      expected: '403, and no session',
      async walk(send) {
        const planted = await visit(send).comeBack()
        const victim = visit(send)
        const state = (await victim.begin()).searchParams.get('state') ?? ''
        planted.searchParams.set('state', state)
        return judgeRefused(await victim.receive(planted))
      },
    },
    {
      name: 'an answer without its state, with two or with another one',
      kind: 'attack',
      standard: 'RFC 6749 section 10.12',
      expected: '403, and no session',
      async walk(send) {
        const person = visit(send)
        const back = await person.comeBack()
        for (const change of [
          (query: URLSearchParams) => query.delete('state'),
          (query: URLSearchParams) => query.append('state', query.get('state') ?? ''),
          (query: URLSearchParams) => query.set('state', `${query.get('state')}x`),
        ]) {
          const url = new URL(back)
          change(url.searchParams)
          const reason = judgeRefused(await person.receive(url))
          if (reason !== null) return reason
        }
        return null
      },
    },
    {
      name: 'an answer counts once',
      kind: 'attack',
      standard: 'RFC 9700 section 4.5',
      expected: '403, and no session',
      async walk(send) {
        const person = visit(send)
        const back = await person.comeBack()
        await person.take(back)
        return judgeRefused(await person.receive(back))
      },
    },
    {
      name: 'a session that somebody planted is another one after the login',
      kind: 'attack',
      standard: 'v5.0.0-7.2.4',
      expected: 'a new cookie',
      async walk(send) {
        const person = visit(send)
        const planted = 'x'.repeat(43)
        person.plant(planted)
        await person.logIn()
        return person.session === planted ? 'the planted session is logged in' : null
      },
    },
    {
      name: 'a session that was logged out is worth nothing',
      kind: 'attack',
      standard: 'v5.0.0-7.4.1',
      expected: '401',
      async walk(send) {
        const person = visit(send)
        await person.logIn()
        const session = person.session
        await person.logOut()
        person.plant(session)
        const status = await person.askWho()
        return status === 401 ? null : `the page was answered ${status}`
      },
    },
    {
      name: 'no script gets hold of the session, and no token reaches the browser',
      kind: 'attack',
      standard: 'v5.0.0-3.3.4',
      expected: 'HttpOnly, SameSite, Secure; no token',
      async walk(send) {
        const person = visit(send)
        await person.logIn()
        await person.askWho()
        return person.findExposed()
      },
    },
    {
      name: 'a login leads to no other site',
      kind: 'attack',
      standard: 'RFC 9700 section 4.11',
      expected: 'a path of this host',
      async walk(send) {
        for (const to of ['https://attacker.invalid/', '//attacker.invalid/', '/\\attacker.invalid']) {
          const person = visit(send)
          const answer = await person.take(await person.comeBack(to))
          if (person.leadsElsewhere(answer)) return `${to} is where it leads`
        }
        return null
      },
    },
  ]
}
