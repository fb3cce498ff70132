import { spawnSync } from 'node:child_process'
import { homedir } from 'node:os'
import { dirname, isAbsolute } from 'node:path'

// Too common to tell anything: what lies directly below them is named as it is.
const sharedFolders = new Set([
  '/',
  '/home',
  '/Users',
  '/tmp',
  '/var/tmp',
  '/var',
  '/usr',
  '/usr/src',
  '/opt',
  '/srv',
  '/mnt',
])

/** The folders that would betray this machine: the home folder, the tree, where it was cloned from, and their parents. */
export function foldersOfMachine(root: string): string[] {
  const { stdout } = spawnSync('git', ['remote', 'get-url', 'origin'], { cwd: root, encoding: 'utf8' })
  const trees = [root.replace(/\/$/, ''), (stdout ?? '').trim()].filter(isAbsolute)
  const folders = [homedir(), ...trees, ...trees.map((tree) => dirname(tree))]
  return [...new Set(folders)].filter((folder) => !sharedFolders.has(folder))
}

/** Finds paths of a developer's machine in a text, with the lines they stand on. */
export function findMachinePaths(text: string, folders: readonly string[]): { line: number; path: string }[] {
  const exact = folders.map((folder) => `${RegExp.escape(folder)}(?![\\w-])[\\w./-]*`)
  const homes = [String.raw`/(?:home|Users)/[a-z][\w.-]*/[\w./-]*`, String.raw`[A-Z]:\\+Users\\+[\w.-]+`]
  // Not inside a URL or a relative path, where the same words mean something else.
  const pattern = new RegExp(String.raw`(?<![\w.})\]-])(?:${[...exact, ...homes].join('|')})`, 'g')
  return [...text.matchAll(pattern)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length,
    path: match[0],
  }))
}
