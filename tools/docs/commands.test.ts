import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Command } from 'commander'
import { createProgram } from '../../src/cli/program.ts'
import { readAllPages } from './all-pages.ts'

const commands = createProgram('').commands as readonly Command[]

describe('the commands in', () => {
  for (const { path, text } of readAllPages()) {
    const lines = readCommands(text)
    if (lines.length === 0) continue
    test(`${path} exist, and so do their options: ${lines.length}`, () => {
      for (const line of lines) assert.equal(findFault(line), null, line)
    })
  }
})

/** What follows `portcullis` in the shell blocks of a page and in its running text. */
function readCommands(page: string): string[] {
  const blocks = [...page.matchAll(/^```(?:sh|console)\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
    block.split('\n'),
  )
  const inline = [...page.matchAll(/`((?:npm run )?portcullis [^`]+)`/g)].map(([, code = '']) => code)
  return [...blocks, ...inline].flatMap((line) => {
    const command = /(?:^|[\s/(])portcullis(?: --)? (?!portcullis)([a-z][^#|>)]*)/.exec(line)?.[1]
    return command === undefined ? [] : [command.trim()]
  })
}

function findFault(line: string): string | null {
  const words = line.match(/'[^']*'|"[^"]*"|\S+/g) ?? []
  let command: Command | undefined
  for (const word of words) {
    const known: readonly Command[] = command === undefined ? commands : command.commands
    const found = known.find((one) => one.name() === word)
    if (found === undefined) break
    command = found
  }
  if (command === undefined) return `there is no command ${words[0]}`
  const options = words.filter((word) => /^--?[a-z]/i.test(word)).map((word) => word.split('=')[0])
  const unknown = options.find(
    (option) => option !== '--help' && !command.options.some(({ long, short }) => option === long || option === short),
  )
  return unknown === undefined ? null : `${command.name()} has no option ${unknown}`
}
