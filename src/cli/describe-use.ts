import type { Command } from 'commander'

/** What a person looks for below the options of a command. */
export interface Use {
  /** A command line without `portcullis`, and what it does. */
  readonly examples: readonly (readonly [line: string, what: string])[]
  /** What 0, 1 and 2 mean; null where a command never ends so. */
  readonly exits: readonly [fine: string, found: string | null, wrong: string]
  readonly notes?: string
}

/** Adds examples and exit codes to `--help`. */
export function describeUse(command: Command, { examples, exits, notes }: Use): Command {
  const lines = examples.map(([line, what]) => [`portcullis ${line}`.trimEnd(), what] as const)
  const width = Math.max(...lines.map(([line]) => line.length))
  const parts = [
    ...(notes === undefined ? [] : [notes]),
    `Examples:\n${lines.map(([line, what]) => `  ${line.padEnd(width)}  # ${what}`).join('\n')}`,
    `Exit codes:\n${exits.flatMap((what, code) => (what === null ? [] : [`  ${code}  ${what}`])).join('\n')}`,
  ]
  return command.addHelpText('after', `\n${parts.join('\n\n')}`)
}

/** Adds a command to a set of them, with what they have in common. */
export type Describe = (name: string, description: string, ...examples: Use['examples']) => Command
