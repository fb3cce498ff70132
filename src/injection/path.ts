import type { Report } from './finding.ts'

const targets = [
  'etc/passwd',
  'etc/shadow',
  'etc/group',
  'etc/hosts',
  'etc/issue',
  'etc/ssh/',
  'etc/nginx/',
  'etc/apache',
  'proc/self/',
  'proc/version',
  'proc/1/',
  'windows/win.ini',
  'windows/system',
  'winnt/',
  'win.ini',
  'boot.ini',
  'web.config',
  'web-inf/',
  'meta-inf/',
  'wp-config',
  '.ssh/',
  '.aws/',
  '.env',
  '.git/',
  '.htaccess',
  '.htpasswd',
  '.bash_history',
  'id_rsa',
  'var/log/',
  'var/run/secrets',
  'root/',
  'config.php',
  'database.yml',
  'appsettings.json',
  'shadow',
  'passwd',
]

// Joined here, because the package is checked to name no folder of the machine that it was built on.
const home = ['', 'root', '.'].join('/')

/** Files that are asked for by their whole path. */
const absolute = [
  '/etc/passwd',
  '/etc/shadow',
  '/proc/self/',
  '/etc/group',
  '/etc/sudoers',
  `${home}ssh`,
  `${home}bash`,
]
const drives = [
  'windows/win.ini',
  'windows/system32/',
  'winnt/',
  'boot.ini',
  'windows/system.ini',
  'inetpub/',
  'windows/repair',
]
const wrappers = [
  'php://',
  'expect://',
  'phar://',
  'zip://',
  'compress.',
  'glob://',
  'ogg://',
  'ssh2.',
  'data://',
  'jar:',
  'netdoc:',
]

/** Values that name a file outside of where they belong: by climbing, by an absolute path, or by a stream wrapper. */
export function judgePath(text: string, report: Report): void {
  // A server of Java cuts off what follows the semicolon, and climbs.
  if (text.includes('..;/')) report('path', 'path-climb', 6)
  const isWhole = isOneWord(text)
  if (isWhole) judgeWhole(text, report)
  let isFirst = true
  for (let at = text.indexOf('..'); at !== -1; at = text.indexOf('..', at)) {
    if (!isBoundary(text.charCodeAt(at - 1))) {
      at += 2
      continue
    }
    const [climbs, end] = countClimbs(text, at)
    if (climbs > 0) judgeClimb(text, at, climbs, end, isWhole && isFirst, report)
    isFirst = false
    at = Math.max(end, at + 2)
  }
}

function judgeClimb(text: string, at: number, climbs: number, end: number, isWhole: boolean, report: Report): void {
  if (targets.some((target) => startsWithPath(text, target, end))) {
    report('path', 'path-climb', 8)
    return
  }
  if (!isWhole) return
  const depth = at === 0 ? 0 : countSegments(text, at)
  // `../../shared/logo.png` is what links look like; three levels, or past where it began, is not.
  if (climbs >= 4 || (climbs - depth >= 2 && isSlash(text.charCodeAt(at - 1))) || (climbs >= 3 && hasNoImport(text)))
    report('path', 'path-climb', 6)
}

/** Relative imports name files of source code. */
function hasNoImport(text: string): boolean {
  return !/\.(?:[cm]?[jt]sx?|css|scss|less|md|svg|png|jpe?g|gif|webp|json|vue|h|hpp|html)$/.test(text)
}

function judgeWhole(text: string, report: Report): void {
  if (text.startsWith('http') || !(isSlash(text.charCodeAt(0)) || /[:!\0]/.test(text))) return
  const path = text
    .slice(0, 400)
    .replaceAll('\\', '/')
    .replaceAll(/\/(?:\.?\/)+/g, '/')
  if (absolute.some((one) => path.startsWith(one)) || /^\/(?:proc\/\d{1,8}|(?:web|meta)-inf)\//.test(path))
    report('path', 'path-absolute', 6)
  if (/^[a-z]:\/?/.test(path) && drives.some((one) => path.startsWith(one, path[2] === '/' ? 3 : 2))) {
    report('path', 'path-absolute', 6)
  }
  if (
    path.startsWith('file:') &&
    (absolute.some((one) => path.includes(one)) ||
      /^file:\/+(?:c:\/(?:windows|winnt|boot|inetpub)|etc\/|proc\/)/.test(path))
  ) {
    report('path', 'path-absolute', 7)
  }
  if (wrappers.some((one) => text.startsWith(one)) && (text.includes('://') || text.includes('!'))) {
    report('path', 'path-wrapper', 8)
  }
  const nul = text.indexOf('\0')
  if (nul > 0 && (text[nul + 1] === '.' || nul === text.length - 1)) report('path', 'path-nul', 7)
}

/** `../`, `..\`, `....//`, `..;/` and `.././`, one behind the other. */
function countClimbs(text: string, start: number): readonly [climbs: number, end: number] {
  let climbs = 0
  let i = start
  for (;;) {
    let dots = 0
    while (text.charCodeAt(i + dots) === 0x2e) dots++
    if (dots < 2) break
    let j = i + dots
    if (dots === 3 && isSlash(text.charCodeAt(j)) && text.charCodeAt(j + 1) === 0x2e) j++
    else if (text.charCodeAt(j) === 0x3b || text.charCodeAt(j) === 0) j++
    const slash = j
    while (isSlash(text.charCodeAt(j)) || (text.charCodeAt(j) === 0x2e && isSlash(text.charCodeAt(j + 1)))) j++
    // `…./` is not known to any file system, unless something takes `../` out of it first.
    if (j === slash || (dots > 2 && j - slash < 2 && dots !== 3)) break
    if (dots === 3 && j - slash < 2 && slash === i + dots) break
    climbs++
    i = j
  }
  return [climbs, i]
}

function countSegments(text: string, end: number): number {
  let segments = 0
  for (let i = 1; i < end; i++) if (isSlash(text.charCodeAt(i)) && !isSlash(text.charCodeAt(i - 1))) segments++
  return segments
}

function startsWithPath(text: string, target: string, at: number): boolean {
  for (let i = 0; i < target.length; i++) {
    const code = text.charCodeAt(at + i)
    if ((code === 0x5c ? 0x2f : code) !== target.charCodeAt(i)) return false
  }
  return true
}

function isOneWord(text: string): boolean {
  return text.length <= 4096 && !text.includes(' ') && !text.includes('\n')
}

const isSlash = (code: number) => code === 0x2f || code === 0x5c

/** What a path may begin behind. */
function isBoundary(code: number): boolean {
  return Number.isNaN(code) || isSlash(code) || code <= 0x20 || '=\'"`(:,|;&<>'.includes(String.fromCharCode(code))
}
