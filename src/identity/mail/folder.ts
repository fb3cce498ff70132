import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PolicyLog } from '../../core/telemetry.ts'
import { randomText } from '../../crypto/random-text.ts'
import type { Deliver } from './mail.ts'

/** Writes mails to a folder that only its owner reads, instead of sending them: for development. */
export function createFolderDelivery(
  folder: string,
  { now, log }: { readonly now: () => number; readonly log: PolicyLog },
): Deliver {
  return async ({ to, subject, text }) => {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const date = new Date(now())
    const file = join(folder, `${date.toISOString().replaceAll(':', '-')}-${randomText(6)}.txt`)
    await writeFile(`${file}.new`, `To: ${to}\nSubject: ${subject}\nDate: ${date.toUTCString()}\n\n${text}`, {
      mode: 0o600,
    })
    // Who watches the folder sees whole mails only.
    await rename(`${file}.new`, file)
    log.info('mail_written', { to, subject, file })
  }
}
