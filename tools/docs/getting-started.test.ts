// Follows docs/getting-started.md word for word, but for the ports.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { requireService } from '../../test/support/services.ts'
import { findFreePorts, followStep } from './follow-step.ts'
import { readSteps } from './page-steps.ts'
import { openShellSession } from './shell-session.ts'

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
    else await followStep(step, shell, join(home, 'my-api'))
  }
})
