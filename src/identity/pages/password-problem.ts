import type { PasswordProblem } from '../../accounts/password-rules.ts'
import type { Texts } from '../texts/texts.ts'

/** What is wrong with a new password, for the person who chose it. */
export function tellPasswordProblem({ say }: Texts, problem: PasswordProblem): string {
  switch (problem.kind) {
    case 'short':
      return say('password.short', { length: problem.length, least: problem.least })
    case 'long':
      return say('password.long', { most: problem.most })
    default:
      return say(`password.${problem.kind}`)
  }
}
