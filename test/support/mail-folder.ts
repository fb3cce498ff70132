import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from './eventually.ts'

/** The mails to an address that were written to a folder, oldest first, once there are so many. */
export async function readMails(folder: string, to: string, count: number): Promise<string[]> {
  let mails: string[] = []
  await eventually(
    `${count} mails to ${to}`,
    async () => {
      const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.txt')).sort()
      const all = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
      mails = all.filter((text) => text.startsWith(`To: ${to}\n`))
      return mails.length >= count
    },
    10_000,
  )
  return mails
}

export function findLink(mail: string): string {
  return /^https?:\S+$/m.exec(mail)?.[0] ?? ''
}
