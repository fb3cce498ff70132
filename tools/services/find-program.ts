import { accessSync, constants, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Service } from './catalog.ts'

// Daemons live in sbin, which is not on every user's PATH; Homebrew leaves its openssl off it.
const otherFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/opt/homebrew/bin', '/opt/homebrew/opt/openssl@3/bin']

/** The full path of a service's program, where it is installed. */
export function findService({ program, macApp }: Service): string | undefined {
  return findProgram(program) ?? (macApp !== undefined && isExecutable(macApp) ? macApp : undefined)
}

/** The full path of an installed program. */
export function findProgram(program: string, path = process.env.PATH ?? ''): string | undefined {
  const folders = [...path.split(delimiter).filter((folder) => folder !== ''), ...otherFolders, ...postgresFolders()]
  return folders.map((folder) => join(folder, program)).find(isExecutable)
}

/** Debian keeps several versions of PostgreSQL beside each other, none of them on the PATH; the newest comes first. */
function postgresFolders(): string[] {
  const root = '/usr/lib/postgresql'
  try {
    const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a))
    return [...versions.map((version) => join(root, version, 'bin')), '/opt/homebrew/opt/postgresql@17/bin']
  } catch {
    return ['/opt/homebrew/opt/postgresql@17/bin']
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
