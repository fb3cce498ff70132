import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runChild } from './child.mjs'
import { withLock } from './lock.mjs'

/**
 * Runs `npm ci` unless node_modules already holds what package-lock.json says; needs no network when it does.
 * Of several callers at once, one installs and the others wait for it.
 * @param {string} root
 * @param {{ again?: boolean }} [options] `again` installs even when nothing seems missing
 */
export async function installMissing(root, { again = false } = {}) {
  if (!again && isInstalled(root)) return
  // Not inside node_modules, which `npm ci` empties.
  mkdirSync(join(root, '.portcullis'), { recursive: true })
  const waiting = () => console.error('Another process is installing packages here; waiting for it…')
  await withLock(join(root, '.portcullis', 'install.lock'), waiting, async (waited) => {
    if (again ? !waited : !isInstalled(root)) await install(root)
  })
}

async function install(root) {
  if (process.platform === 'win32' && process.execPath.startsWith(join(root, 'node_modules'))) {
    // Windows does not let npm replace a program that is running.
    throw expected('package-lock.json has changed. Run `npm ci`, then the same command again.')
  }
  console.error('Installing packages (npm ci)…')
  // Gone first, so that an install that is cut short is never taken for a finished one.
  rmSync(join(root, 'node_modules', '.package-lock.json'), { force: true })
  // Development and optional packages are asked for by name: NODE_ENV=production would leave them out. Warnings would
  // be about the engine, which is not the one that anything runs on later.
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
  const npm = process.env.npm_execpath ?? ''
  const options = { cwd: root, stdio: ['ignore', 2, 2] }
  const { code, signal } = /npm-cli\.c?js$/.test(npm)
    ? await runChild(process.execPath, [npm, ...args], options)
    : await runChild('npm', args, { ...options, shell: process.platform === 'win32' })
  if (signal !== null) process.kill(process.pid, signal)
  if (code !== 0 || !isInstalled(root)) {
    throw expected(`npm ci failed (exit code ${code}); its message is above. The first install needs the network.`)
  }
}

/**
 * Compares npm's own record of what it installed, written when an install ends well, with the lock file.
 * @param {string} root
 */
export function isInstalled(root) {
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'))
  if (installed === undefined) return false
  const wanted = readPackages(join(root, 'package-lock.json'))
  if (wanted === undefined) throw expected(`package-lock.json in ${root} is missing or cannot be read.`)
  return Object.entries(wanted).every(([path, entry]) => {
    const found = installed[path]
    // npm keeps no record of the root, of folders of workspaces, nor of optional packages for other platforms.
    if (found === undefined) return entry.optional === true || !path.includes('node_modules/')
    return found.version === entry.version && found.integrity === entry.integrity
  })
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages
  } catch {
    return undefined
  }
}

function expected(message) {
  return Object.assign(new Error(message), { expected: true })
}
