import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { eventually } from '../../test/support/eventually.ts'
import { type PageStep, toComparable, toOutputPattern } from './page-steps.ts'
import type { ShellSession } from './shell-session.ts'

/** Does what a page says in a shell, and fails where it shows something else than the page; `folder` is where its logs are. */
export async function followStep(step: PageStep, shell: ShellSession, folder: string): Promise<void> {
  const before = shell.transcript.length
  const keys = shell.transcript.match(/^pck_\w+$/gm)
  const output = await shell.run(step.text.replace('pck_…', keys?.at(-1) ?? ''))
  if (step.expected === null) return
  const pattern = toOutputPattern(step.expected)
  if (!step.text.endsWith('&\n')) {
    assert.ok(pattern.test(toComparable(output)), describe(step, output))
    return
  }
  // What runs in the background is read where the page says that it writes to.
  const log = / > (\S+) &\n$/.exec(step.text)?.[1]
  const read = () => {
    if (log === undefined) return shell.transcript.slice(before)
    // The shell makes the file when it gets to it.
    return existsSync(join(folder, log)) ? readFileSync(join(folder, log), 'utf8') : ''
  }
  await eventually(describe(step, ''), () => pattern.test(toComparable(read())), 60_000)
}

function describe({ line, text, expected }: PageStep, output: string): string {
  return `line ${line}: ${text}printed:\n${output}\nand the page shows:\n${expected}`
}

/** Others than a page names, which may be taken here. */
export async function findFreePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, resolve))
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
