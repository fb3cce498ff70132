import { Command } from 'commander'
import { createAuditCommand } from './audit.ts'
import { createCanCommand } from './can.ts'
import { createCheckCommand } from './check.ts'
import { createClientsCommand } from './clients.ts'
import { createConsentsCommand } from './consents.ts'
import { createDemoCommand } from './demo.ts'
import { describeUse } from './describe-use.ts'
import { createDiffCommand } from './diff.ts'
import { createDoctorCommand } from './doctor.ts'
import { dryDecide } from './explain/dry-decide.ts'
import { createExplainCommand } from './explain.ts'
import { createInitCommand } from './init.ts'
import { createKeysCommand } from './keys.ts'
import { createMigrateCommand } from './migrate.ts'
import { createProveCommand } from './prove.ts'
import { createRolesCommand } from './roles.ts'
import { createSecretsCommand } from './secrets.ts'
import { createServeCommand } from './serve.ts'
import { createSessionsCommand } from './sessions.ts'
import { createTestCommand } from './test.ts'
import { createTokensCommand } from './tokens.ts'
import { createUsersCommand } from './users.ts'

/** Every command, in the order of `--help`. */
const commands = [
  createInitCommand,
  createServeCommand,
  createCheckCommand,
  createDiffCommand,
  () => createExplainCommand(dryDecide),
  createCanCommand,
  createTestCommand,
  createProveCommand,
  () => createKeysCommand(),
  () => createUsersCommand(),
  () => createClientsCommand(),
  () => createSessionsCommand(),
  () => createConsentsCommand(),
  () => createRolesCommand(),
  () => createTokensCommand(),
  createMigrateCommand,
  () => createAuditCommand(),
  createSecretsCommand,
  createDoctorCommand,
  createDemoCommand,
]

/** The command line. Wrong use, of the program or of a command, throws a `CommanderError` after it was explained. */
export function createProgram(version: string): Command {
  const program = new Command('portcullis')
    .description('The secure front door of an HTTP API')
    .version(version, '-V, --version')
    .showHelpAfterError('\nUsage: portcullis [options] [command]\nMore: portcullis --help')
    .exitOverride()
  describeUse(program, {
    examples: [
      ['init --upstream http://127.0.0.1:4000', 'a policy file to begin with'],
      ['check', 'is it right, and what does it leave open?'],
      ['serve', 'the gateway'],
      ['prove', 'attacks it'],
    ],
    exits: ['fine', 'something was found, or could not be done', 'wrong use, or the policy file is wrong'],
  })
  for (const create of commands) program.addCommand(inherit(create(), program, 'portcullis'))
  return program
}

/** Wrong use of a subcommand ends like that of the program. */
function inherit(command: Command, parent: Command, line: string): Command {
  const full = `${line} ${command.name()}`
  command.copyInheritedSettings(parent).showHelpAfterError(`\nUsage: ${full} ${command.usage()}\nMore: ${full} --help`)
  for (const sub of command.commands) inherit(sub, command, full)
  return command
}
