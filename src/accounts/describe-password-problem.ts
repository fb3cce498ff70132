import type { PasswordProblem } from './password-rules.ts'

/** What is wrong with a password, in English, for who administers accounts. */
export function describePasswordProblem(problem: PasswordProblem): string {
  switch (problem.kind) {
    case 'short':
      return `The password has ${problem.length} characters: at least ${problem.least}, several words for example.`
    case 'long':
      return `The password is longer than ${problem.most} characters.`
    case 'untypeable':
      return 'The password holds a character that cannot be typed.'
    case 'common':
      return 'The password is one of those that are guessed first: repeated, in a row, or common words with numbers.'
    default:
      return `The password holds the ${names[problem.kind]}, which is what is guessed first.`
  }
}

const names = { username: 'user name', tenant: 'tenant', host: 'name of this site' }
