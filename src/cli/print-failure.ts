import { type ConfigError, formatErrors } from '../config/config-error.ts'

/** Something that keeps a command from doing what it was asked, as programs read it. */
type Failure = Omit<ConfigError, 'file'> & { readonly file: string | null }

/** Where a command says what, line by line; a test listens. */
export interface Output {
  readonly print: (text: string) => void
  readonly printError: (text: string) => void
}

export const standardOutput: Output = {
  print: (text) => console.log(text),
  printError: (text) => console.error(text),
}

/** Says what is wrong with policy files: to a person on stderr, with `--json` to a program on stdout. */
export function printErrors(errors: readonly ConfigError[], json: true | undefined, output = standardOutput): void {
  if (json) printJson(errors, output)
  else output.printError(formatErrors(errors))
}

/** Says what went wrong otherwise, in the same way. */
export function printFailure(message: string, json: true | undefined, output = standardOutput): void {
  if (json) printJson([{ file: null, position: null, path: '', message, hint: null }], output)
  else output.printError(message)
}

function printJson(errors: readonly Failure[], { print }: Output): void {
  print(JSON.stringify({ errors }, null, 2))
}
