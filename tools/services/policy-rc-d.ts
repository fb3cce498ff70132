import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

const notAllowed = 101 // invoke-rc.d(8)
const ours = `#!/bin/sh\n# Temporary: portcullis/tools/services.ts keeps daemons from starting while it installs packages.\nexit ${notAllowed}\n`

/**
 * Runs `install` while the system refuses to start daemons. A policy that is already there is never changed: if it
 * refuses too it serves as it is, otherwise nothing is installed.
 */
export async function withoutDaemons(
  policyFile: string,
  packages: readonly string[],
  install: () => Promise<void>,
): Promise<void> {
  if (existsSync(policyFile) && readFileSync(policyFile, 'utf8') !== ours) {
    const starts = packages.find((name) => spawnSync(policyFile, [name, 'start']).status !== notAllowed)
    if (starts !== undefined) {
      throw new Error(`${policyFile} lets daemons start and is not ours to change; install the packages by hand.`)
    }
    return install()
  }
  // A file of ours that is there already was left by a run that was killed.
  const remove = () => rmSync(policyFile, { force: true })
  process.once('exit', remove)
  try {
    writeFileSync(policyFile, ours)
    chmodSync(policyFile, 0o755)
    await install()
  } finally {
    remove()
    process.off('exit', remove)
  }
}
