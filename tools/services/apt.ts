import { spawnSync } from 'node:child_process'
import { runChild } from '../bootstrap/child.mjs'
import { withoutDaemons } from './policy-rc-d.ts'

const installOptions = [
  ...['install', '--yes', '--quiet', '--no-install-recommends'],
  // Unattended upgrades may hold dpkg's lock for minutes on a machine that has just started.
  ...['-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Use-Pty=0'],
]

/**
 * Installs Debian packages without letting their daemons start. Throws with what to do when that cannot be done.
 * @param policyFile where invoke-rc.d looks for its policy
 */
export async function installPackages(
  packages: readonly string[],
  policyFile = '/usr/sbin/policy-rc.d',
): Promise<void> {
  if (packages.length === 0) return
  console.error(`Installing Debian packages: ${packages.join(' ')}…`)
  await withoutDaemons(policyFile, packages, async () => {
    const known = spawnSync('apt-cache', ['show', '--no-all-versions', ...packages], { stdio: 'ignore' }).status === 0
    if (!known) await aptGet(['update', '--quiet'])
    if ((await aptGet([...installOptions, ...packages])) === 0) return
    // Lists that are weeks old name versions that the mirror no longer has.
    if (known && (await aptGet(['update', '--quiet'])) === 0 && (await aptGet([...installOptions, ...packages])) === 0)
      return
    throw new Error('apt-get could not install them; its message is above.')
  })
}

async function aptGet(args: string[]): Promise<number> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { code } = await runChild('apt-get', args, { stdio: ['ignore', 2, 2], env })
  return code
}
