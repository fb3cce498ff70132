import type { Command } from 'commander'
import { createProgram } from '../../src/cli/program.ts'

const width = 100

/** What `--help` says, command by command. */
export function renderCommands(): string {
  return createProgram('')
    .commands.flatMap((command) => render(command as Command, ''))
    .join('\n')
}

function render(command: Command, before: string): string[] {
  const name = `${before}${command.name()}`
  const parts = command.commands.flatMap((one) => render(one as Command, `${name} `))
  return [`## ${name}\n\n\`\`\`text\n${toHelp(command)}\n\`\`\`\n`, ...parts]
}

/** With what is added below the options, which only printing gives. */
function toHelp(command: Command): string {
  let text = ''
  command.configureOutput({
    writeOut: (part) => {
      text += part
    },
    getOutHelpWidth: () => width,
  })
  command.outputHelp()
  return text.trim()
}
