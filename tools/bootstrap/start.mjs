import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runChild } from './child.mjs'
import { installMissing } from './install.mjs'
import { findNode, NODE_PACKAGE } from './node-binary.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Installs what is missing and runs Node 26 with `args`, as if it had been called directly: same folder, standard
 * streams, signals and exit code.
 * @param {string[]} args
 */
export async function start(args) {
  await installMissing(root)
  let node = findNode(root)
  if (node === undefined && NODE_PACKAGE !== undefined) {
    // npm calls an install good even when the optional package that carries Node could not be fetched.
    await installMissing(root, { again: true })
    node = findNode(root)
  }
  if (node === undefined) throw Object.assign(new Error(noNodeMessage()), { expected: true })

  const path = [dirname(node), join(root, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter)
  const outcome = await runChild(node, args, { stdio: 'inherit', env: { ...process.env, PATH: path } })
  // Dying by the same signal lets a shell see what happened, as it would without this process between them.
  if (outcome.signal !== null) process.kill(process.pid, outcome.signal)
  else process.exitCode = outcome.code
}

function noNodeMessage() {
  const wanted = `${process.platform}-${process.arch}`
  return NODE_PACKAGE === undefined
    ? `No Node 26 is packaged for ${wanted}. Put Node 24 or newer on PATH (this is ${process.version}) and run the same command again.`
    : `Node 26 for ${wanted} (npm package ${NODE_PACKAGE}) is not installed or does not start on this system. ` +
        `Check the network and run the same command again, or put Node 24 or newer on PATH (this is ${process.version}).`
}
