// Asks the registry for known vulnerabilities of what is published (not of the private workspaces). Exit codes: 0 none,
// 1 some of level moderate or above, 75 the registry did not answer, which is neither a pass nor a failure.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url))
const args = ['audit', '--omit=dev', '--workspaces=false', '--json']
const { stdout } = spawnSync('npm', args, { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' })

const counts = readCounts(stdout)
if (counts === undefined) {
  console.log(`NOT AUDITED: the registry did not answer (${reasonIn(stdout)})`)
  process.exitCode = 75
} else {
  const serious = ['moderate', 'high', 'critical'].filter((level) => (counts[level] ?? 0) > 0)
  if (serious.length === 0) console.log('npm audit: no vulnerability of level moderate or above')
  else {
    console.log(
      `npm audit: ${serious.map((level) => `${counts[level]} ${level}`).join(', ')}. \`npm audit --omit=dev\` lists them.`,
    )
    process.exitCode = 1
  }
}

function readCounts(report: string): Record<string, number> | undefined {
  try {
    return JSON.parse(report).metadata?.vulnerabilities
  } catch {
    return undefined
  }
}

function reasonIn(report: string): string {
  try {
    const { message, error } = JSON.parse(report)
    return message ?? error?.summary ?? 'no reason given'
  } catch {
    return 'npm printed no report'
  }
}
