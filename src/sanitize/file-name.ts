import {
  edges,
  forbiddenCharacters,
  isReservedName,
  isRunnableExtension,
  lookAlikes,
  maxNameBytes,
  showHidden,
} from './file-name-rules.ts'

/** What takes the place of characters that go. */
const filler = '_'

/**
 * A name that every file system takes as one name in the folder it is written to: no path, no reserved or hidden name, no
 * text that shows another one, at most 200 bytes of UTF-8, in Unicode's composed form. Only the last extension keeps its
 * dot where one before it would run (`shell.php.png` → `shell_php.png`). The same name always gives the same result, so
 * two files can get one: whoever stores them gives each an id of its own, and keeps the name to show it.
 * @example
 * toSafeFileName('../../etc/pass\u202ewd.txt') // 'passwd.txt'
 */
export function toSafeFileName(name: string): string {
  // Far beyond what is kept; all that follows is linear in it.
  const start = name.length > 4096 ? name.slice(-4096) : name
  const last = start.toWellFormed().split(/[/\\]/).at(-1) ?? ''
  // Once more, as what was hidden may have kept a letter and its mark apart.
  const shown = [...showHidden(last.normalize('NFC')).normalize('NFC')]
    .map((character) => (forbiddenCharacters.test(character) || lookAlikes.test(character) ? filler : character))
    .join('')
  const trimmed = trim(shown)
  const [extension, ...before] = trimmed.split('.').reverse()
  const isBare = before.length === 0
  const stem = isBare ? trimmed : joinStem(before.reverse())
  const suffix = isBare ? '' : `.${extension}`
  const safe = isReservedName(stem) || stem === '' ? `${filler}${stem}` : stem
  return cut(safe, suffix)
}

/** A dot before what would run goes; every other one stays. */
function joinStem(parts: readonly string[]): string {
  return parts.reduce((stem, part) => `${stem}${isRunnableExtension(part) ? filler : '.'}${part}`)
}

/** Windows drops dots and spaces at the end, and a dot at the beginning hides a file or names a folder. */
function trim(name: string): string {
  let start = 0
  let end = name.length
  while (start < end && edges.test(name.charAt(start))) start++
  while (end > start && edges.test(name.charAt(end - 1))) end--
  return name.slice(start, end)
}

/** As long as room for a suffix of the file system's users is left; the extension stays. */
function cut(stem: string, suffix: string): string {
  const most = maxNameBytes - 55
  const whole = `${stem}${suffix}`
  if (Buffer.byteLength(whole) <= most) return whole
  const kept = Buffer.byteLength(suffix) <= 20 ? suffix : ''
  let bytes = Buffer.byteLength(kept)
  let short = ''
  for (const character of kept === '' ? whole : stem) {
    bytes += Buffer.byteLength(character)
    if (bytes > most) break
    short += character
  }
  return `${trim(short) || filler}${kept}`
}
