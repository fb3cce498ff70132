import type { Checkup } from './checkup.ts'

/** Argon2 came with it. */
const least = [24, 7] as const

export function checkNode(version = process.versions.node): Checkup {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isOld = major < least[0] || (major === least[0] && minor < least[1])
  if (isOld)
    return { name: 'node', state: 'fail', text: `Node ${version} is too old: install ${least.join('.')} or newer` }
  return { name: 'node', state: 'ok', text: `Node ${version}` }
}
