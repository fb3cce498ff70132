import { readFile } from 'node:fs/promises'
import { CommanderError } from 'commander'
import { createProgram } from './program.ts'

const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

// Whoever reads may have seen enough (`portcullis --help | head -1`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

try {
  await createProgram(version).parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  // commander ends with 1 for wrong use; that is 2 here, so that 1 can mean "found something".
  process.exitCode = error.exitCode === 0 ? 0 : 2
}
