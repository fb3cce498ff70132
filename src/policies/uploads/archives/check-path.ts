import { isReservedName } from '../../../sanitize/file-name-rules.ts'
import type { Finding } from '../finding.ts'
import { pathInArchive } from './limits.ts'

/** Whether an entry stays within the folder that it is unpacked in, whoever unpacks it. */
export function checkEntryPath(path: string): Finding | null {
  if (path === '' || path.length > 1024 || /[\p{Cc}\\:\ufffd]/u.test(path)) return pathInArchive
  const segments = path
    .replace(/^(\.\/)+/, '')
    .replace(/\/$/, '')
    .split('/')
  const isSafe = segments.every((one) => one !== '' && !/^\.+$/.test(one) && !/[. ]$/.test(one) && !isReservedName(one))
  // `./` alone is the folder itself, as tar writes it.
  return isSafe || path === './' ? null : pathInArchive
}
