import { SanitizeError } from './sanitize-error.ts'

/**
 * One argument for a POSIX shell (`sh`, `bash`, `dash`, `zsh`), quotes included. Not for `cmd.exe` or PowerShell. It keeps a text
 * one argument, not a harmless one: put `--` before arguments that may begin with `-`. Better, start programs without a shell:
 * `execFile(program, [argument])`.
 * @throws {SanitizeError} `cannot_be_encoded` for a text with NUL, which no argument can hold
 */
export function encodeShellArgument(text: string): string {
  if (text.includes('\0')) throw new SanitizeError('cannot_be_encoded', 'an argument cannot hold NUL')
  return `'${text.toWellFormed().replaceAll("'", "'\\''")}'`
}
