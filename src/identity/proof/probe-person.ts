import type { ProbePerson } from '../../core/probe.ts'
import { WalkBrowser } from '../../core/walk-browser.ts'
import { LoginPages } from './login-pages.ts'
import type { MadeUpPerson } from './visitors.ts'

/** Somebody made up as applications know them, whom they send to the login of this issuer. */
export function createProbePerson(issuer: string, login: MadeUpPerson): ProbePerson {
  return {
    async logIn(send, location) {
      const pages = new LoginPages(new WalkBrowser(send), issuer)
      return pages.logIn(await pages.begin(location), login)
    },
  }
}
