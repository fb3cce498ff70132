// Checks that tracked files name neither a developer's machine nor the registry that packages came from.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findMachinePaths, foldersOfMachine } from './machine-paths.ts'

const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url))

const git = spawnSync('git', ['ls-files', '-z', '--cached'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
})
if (git.status !== 0) {
  console.error(`git ls-files failed: ${git.stderr}`)
  process.exit(1)
}

const registrySettings: Readonly<Record<string, RegExp>> = {
  'package-lock.json': /"resolved":\s*"http/,
  '.npmrc': /(^|:)registry\s*=|_auth/i,
}

const folders = foldersOfMachine(root)
const tracked = git.stdout.split('\0').filter((path) => path !== '')
const problems = tracked.flatMap((path) => {
  const text = readText(join(root, path))
  return [
    ...findMachinePaths(text, folders).map((found) => `${path}:${found.line}: names this machine: ${found.path}`),
    ...findRegistries(path, text),
  ]
})
for (const problem of problems) console.error(problem)
console.error(problems.length === 0 ? `${tracked.length} tracked files name no machine and no registry.` : '')
if (problems.length > 0) process.exitCode = 1

function findRegistries(path: string, text: string): string[] {
  const settings = registrySettings[basename(path)]
  if (settings === undefined) return []
  const lines = text
    .split('\n')
    .map((line, index) => (settings.test(line) ? [`${path}:${index + 1}: names a registry`] : []))
  return lines.flat()
}

/** What is not text, or was deleted but is still tracked, has nothing to search. */
function readText(path: string): string {
  try {
    const text = readFileSync(path, 'utf8')
    return text.includes('\0') ? '' : text
  } catch {
    return ''
  }
}
