import { mock } from 'node:test'
import { type Command, CommanderError } from 'commander'
import { createProgram } from '../../src/cli/program.ts'

export interface Ran {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs `portcullis …` in this process, which spares most of a second each time. Not two at once. */
export async function runCli(folder: string, ...args: readonly string[]): Promise<Ran> {
  let stdout = ''
  let stderr = ''
  const writeOut = (text: string) => {
    stdout += text
    return true
  }
  const writeErr = (text: string) => {
    stderr += text
    return true
  }
  const mocks = [
    mock.method(console, 'log', (text: string) => writeOut(`${text}\n`)),
    mock.method(console, 'error', (text: string) => writeErr(`${text}\n`)),
  ]
  const program = createProgram('0.0.0')
  for (const one of everyCommand(program)) one.configureOutput({ writeOut, writeErr, getErrHelpWidth: () => 100 })
  const before = process.cwd()
  process.chdir(folder)
  let status: number | null = null
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (wrong) {
    if (!(wrong instanceof CommanderError)) throw wrong
    status = wrong.exitCode === 0 ? 0 : 2
  } finally {
    process.chdir(before)
    for (const one of mocks) one.mock.restore()
    status ??= Number(process.exitCode ?? 0)
    process.exitCode = 0
  }
  return { status, stdout, stderr }
}

/** The program, its commands and theirs. */
export function everyCommand(program: Command): readonly Command[] {
  return [program, ...program.commands.flatMap((one) => everyCommand(one as Command))]
}
