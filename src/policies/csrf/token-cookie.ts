import type { Answer } from '../../core/answer.ts'
import { readCookie } from '../../core/cookies.ts'
import type { Exchange } from '../../core/exchange.ts'
import { isSessionPolicy } from '../session-policies.ts'
import type { CsrfOptions } from './options.ts'
import type { TokenDesk } from './token-desk.ts'

/** Sets the cookie that scripts read the token from, where the browser has none that holds. */
export function createTokenCookie(
  { tokenCookie = '' }: CsrfOptions,
  desk: TokenDesk,
): (exchange: Exchange, answer: Answer) => void {
  return (exchange, answer) => {
    if (!isSessionPolicy(exchange.principal?.credential.policy)) return
    const values = readCookie(exchange.headers, tokenCookie)
    if (values?.length === 1 && desk.check(exchange, values[0] as string)) return
    const { token } = desk.issue(exchange)
    answer.headers.append('set-cookie', `${tokenCookie}=${token}; Path=/; Secure; SameSite=Strict`)
  }
}
