// Follows docs/getting-started.md word for word, but for the ports.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from '../../test/support/eventually.ts'
import { requireService } from '../../test/support/services.ts'
import { type PageStep, readSteps, toComparable, toOutputPattern } from './page-steps.ts'
import { openShellSession, type ShellSession } from './shell-session.ts'

const root = join(import.meta.dirname, '../..')
const usedPorts = ['3000', '8443', '8080', '9443']

test('getting-started.md can be followed', { timeout: 170_000 }, async (t) => {
  if (requireService(t, 'curl') === undefined) return
  const home = mkdtempSync(join(tmpdir(), 'portcullis-reader-'))
  const ports = await findFreePorts(usedPorts.length)
  const page = usedPorts.reduce(
    (text, port, at) => text.replaceAll(port, String(ports[at])),
    readFileSync(join(root, 'docs/getting-started.md'), 'utf8'),
  )
  const shell = openShellSession(root, { ...process.env, HOME: home, SHOP_PORT: String(ports[0]) })
  t.after(async () => {
    await shell.close()
    rmSync(home, { recursive: true })
  })
  for (const step of readSteps(page)) {
    if (step.language === 'yaml') writeFileSync(join(home, 'my-api/portcullis.yaml'), step.text)
    else await follow(step, shell, join(home, 'my-api'))
  }
})

async function follow(step: PageStep, shell: ShellSession, folder: string): Promise<void> {
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

async function findFreePorts(count: number): Promise<number[]> {
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
