import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { createCheckCommand } from './check.ts'
import { createDemoCommand } from './demo.ts'
import { createDiffCommand } from './diff.ts'
import { dryDecide } from './explain/dry-decide.ts'
import { createExplainCommand } from './explain.ts'
import { createInitCommand } from './init.ts'
import { createKeysCommand } from './keys.ts'
import { createProveCommand } from './prove.ts'
import { createServeCommand } from './serve.ts'

/** Every command, in the order of `--help`. */
const commands = [
  createInitCommand,
  createServeCommand,
  createCheckCommand,
  createDiffCommand,
  () => createExplainCommand(dryDecide),
  createProveCommand,
  createKeysCommand,
  createDemoCommand,
]

const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const program = new Command('portcullis')
  .description('The secure front door of an HTTP API')
  .version(version, '-V, --version')
  .showHelpAfterError()
  .exitOverride((error) => {
    // commander ends with 1 for wrong use; that is 2 here, so that 1 can mean "found something".
    process.exit(error.exitCode === 0 ? 0 : 2)
  })

for (const create of commands) program.addCommand(inherit(create()))

await program.parseAsync()

/** Wrong use of a subcommand ends like that of the program. */
function inherit(command: Command): Command {
  command.copyInheritedSettings(program)
  for (const sub of command.commands) inherit(sub as Command)
  return command
}
