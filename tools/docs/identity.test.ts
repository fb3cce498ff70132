// Follows the beginning of docs/identity.md word for word, but for the ports.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { requireService } from '../../test/support/services.ts'
import { findFreePorts, followStep } from './follow-step.ts'
import { readSteps } from './page-steps.ts'
import { openShellSession } from './shell-session.ts'

const root = join(import.meta.dirname, '../..')
const read = (name: string) => readFileSync(join(root, 'docs', name), 'utf8')

test('identity.md leads from nothing to a token that the API accepts', { timeout: 170_000 }, async (t) => {
  if (requireService(t, 'curl') === undefined) return
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-reader-'))
  const [api, gateway] = await findFreePorts(2)
  const [, section = ''] = /^## From nothing to a token$([\s\S]*?)^## /m.exec(read('identity.md')) ?? []
  const page = section.replaceAll('3000', String(api)).replaceAll('8443', String(gateway))
  const shell = openShellSession(root, process.env)
  t.after(async () => {
    await shell.close()
    rmSync(folder, { recursive: true })
  })
  // The command, as getting-started.md makes it.
  await shell.run(/^alias portcullis=.*$/m.exec(read('getting-started.md'))?.[0] ?? '')
  await shell.run(`cd '${folder}'`)
  for (const step of readSteps(page)) {
    if (step.language === 'yaml') writeFileSync(join(folder, 'portcullis.yaml'), step.text)
    else await followStep(step, shell, folder)
  }
})
